import { parseConnectionUrl } from 'nodemailer/lib/shared';
import type { Channel, OutgoingMessage, SendResult } from './channel';
import { createMimeWriter } from './mime';
import { smtpFailure } from './smtp-failure';
import { createSmtpPool } from './smtp-pool';
import { openSession } from './smtp-session';
import type { SmtpSettings } from './smtp-session';

export interface SmtpOptions {
  /** `smtp://user:password@host:port` or `smtps://…`, with nodemailer's options in the query. */
  readonly url: string;
  /** Sender of every mail, as in `Name <address>`. */
  readonly from: string;
  /** Its label among the providers of the channel; default `smtp`. */
  readonly provider?: string;
  /** Connections kept open, each with up to two mails on their way; default 20. */
  readonly connections?: number;
  /** How long the server may take to answer anything, in milliseconds; default 30 s. */
  readonly timeoutMs?: number;
}

const MAILS_PER_CONNECTION = 1_000;

/** While one waits for its answer the next one's envelope is there already (RFC 2920), so that no connection is idle. */
const MAILS_AT_ONCE = 2;

// What could end an address and start another address, a parameter or a header. Quoted local parts, which may hold
// such characters, are not worth the risk.
// oxlint-disable-next-line no-control-regex
const NO_ADDRESS = /[\s\u0000-\u001f\u007f-\u009f<>,;:"\\()[\]]/;

/**
 * Mail over SMTP connections that are opened when they are needed and kept. The url's query takes the options of
 * nodemailer's connections; a proxy and OAuth are not among them.
 */
export function createSmtpChannel(options: SmtpOptions): Channel {
  const { url, from, provider = 'smtp', connections = 20, timeoutMs = 30_000 } = options;
  const settings: SmtpSettings = {
    ...parseConnectionUrl(url),
    connectionTimeout: Math.min(timeoutMs, 10_000),
    greetingTimeout: Math.min(timeoutMs, 10_000),
    socketTimeout: timeoutMs,
  };
  const pool = createSmtpPool(() => openSession(settings), {
    size: connections,
    mailsPerSession: MAILS_PER_CONNECTION,
  });
  const write = createMimeWriter(from);
  const underWay = new Set<Promise<SendResult>>();

  async function attempt(message: OutgoingMessage): Promise<SendResult> {
    if (!isAddress(message.address)) return { kind: 'rejected', reason: 'rejected-address' };
    try {
      const sent = await pool.send(write(message, new Date()));
      return sent.kind === 'sent' ? { kind: 'accepted' } : smtpFailure(sent.error, sent.contentLeft);
    } catch (error) {
      return smtpFailure(error, false);
    }
  }

  return {
    name: 'email',
    provider,
    concurrency: connections * MAILS_AT_ONCE,
    warmUp: () => pool.warmUp(),
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
      pool.close();
    },
  };
}

function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  return at > 0 && at < text.length - 1 && text.length <= 320 && !NO_ADDRESS.test(text);
}
