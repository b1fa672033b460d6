import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReceivedMessage } from '../channels/conformance';

/** A request as an endpoint sees it. */
export interface WebhookRequest {
  readonly headers: IncomingMessage['headers'];
  /** The bytes that were signed. */
  readonly body: string;
}

export interface WebhookEndpoint {
  readonly url: string;
  readonly requests: readonly WebhookRequest[];
  /** The messages in those requests. */
  messages(): readonly ReceivedMessage[];
  /** Connections that were ever made to it. */
  connections(): number;
  close(): Promise<void>;
}

/** An endpoint that takes everything, unless `answer` does something else once it has read a request whole. */
export async function startWebhookEndpoint(
  answer: (response: ServerResponse, request: WebhookRequest) => void = (response) => response.end(),
): Promise<WebhookEndpoint> {
  const requests: WebhookRequest[] = [];
  let connections = 0;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('error', () => undefined);
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = { headers: incoming.headers, body: Buffer.concat(chunks).toString() };
      requests.push(request);
      answer(response, request);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    requests,
    messages: () => requests.map(messageIn),
    connections: () => connections,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function messageIn({ headers, body }: WebhookRequest): ReceivedMessage {
  const { data } = JSON.parse(body) as { data: Record<string, string | undefined> };
  return {
    address: data['recipient'] ?? '',
    id: String(headers['webhook-id']),
    subject: data['subject'],
    body: data['body'] ?? '',
    html: data['html'],
  };
}
