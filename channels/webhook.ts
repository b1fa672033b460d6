import { SECOND } from '../domain/time/instant';
import type { Channel, OutgoingMessage, SendResult } from './channel';
import { createHttpPost } from './http-post';
import { webhookAnswer } from './webhook-answer';
import { signedHeaders } from './webhook-signature';

export interface WebhookOptions {
  /** Where every message is posted to, http or https; a name and a password in it are sent as such. */
  readonly url: string;
  /** What requests are signed with: the first is the one in use, the others are about to go. */
  readonly secrets: readonly Buffer[];
  /** Connections kept open, each with one message on its way; default 50. */
  readonly connections?: number;
  /** How long the endpoint may take to answer, in milliseconds; default 15 s. */
  readonly timeoutMs?: number;
}

/** Posts messages as signed JSON (Standard Webhooks 1.0); `address` is the customer's own id of the person. */
export function createWebhookChannel(options: WebhookOptions): Channel {
  const { url, secrets, connections = 50, timeoutMs = 15 * SECOND } = options;
  const post = createHttpPost({ url, connections, timeoutMs });
  const underWay = new Set<Promise<SendResult>>();

  async function attempt(message: OutgoingMessage): Promise<SendResult> {
    const at = Date.now();
    const body = Buffer.from(JSON.stringify(payloadOf(message, at)));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Sundial',
      ...signedHeaders(secrets, message.id, Math.floor(at / SECOND), body),
    };
    const posted = await post.send(headers, body);
    switch (posted.kind) {
      case 'answered':
        return webhookAnswer(posted.status, posted.retryAfter, Date.now());
      case 'unanswered':
        return { kind: posted.requestLeft ? 'unknown' : 'transient' };
    }
  }

  return {
    name: 'webhook',
    provider: 'webhook',
    concurrency: connections,
    async send(message) {
      const sending = attempt(message);
      underWay.add(sending);
      try {
        return await sending;
      } finally {
        underWay.delete(sending);
      }
    },
    async close() {
      await Promise.all(underWay);
      post.close();
    },
  };
}

function payloadOf({ id, address, ...content }: OutgoingMessage, at: number): object {
  return {
    type: 'message.send',
    timestamp: new Date(at).toISOString(),
    data: { messageId: id, recipient: address, ...content },
  };
}
