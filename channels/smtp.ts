import { createTransport } from 'nodemailer';
import type { Readable } from 'node:stream';
import type { Channel, OutgoingMessage, SendResult } from './channel';
import { smtpFailure } from './smtp-failure';

export interface SmtpOptions {
  /** `smtp://user:password@host:port` or `smtps://…`, with nodemailer's options in the query. */
  readonly url: string;
  /** Sender of every mail, as in `Name <address>`. */
  readonly from: string;
  /** Connections kept open, each with one mail on its way; default 20. */
  readonly connections?: number;
  /** How long the server may take to answer anything, in milliseconds; default 30 s. */
  readonly timeoutMs?: number;
}

const MAILS_PER_CONNECTION = 1_000;

// What could end an address and start another address, a parameter or a header. Quoted local parts, which may hold
// such characters, are not worth the risk.
// oxlint-disable-next-line no-control-regex
const NO_ADDRESS = /[\s\u0000-\u001f\u007f-\u009f<>,;:"\\()[\]]/;

/** Mail over a pool of SMTP connections. Connections are opened when they are needed. */
export function createSmtpChannel(options: SmtpOptions): Channel {
  const { url, from, connections = 20, timeoutMs = 30_000 } = options;
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    maxMessages: MAILS_PER_CONNECTION,
    connectionTimeout: Math.min(timeoutMs, 10_000),
    greetingTimeout: Math.min(timeoutMs, 10_000),
    socketTimeout: timeoutMs,
    // Mails come from templates: nothing in them may make us read a file or a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = domainOf(from);
  /** The content of each mail on its way, by Message-ID. */
  const contents = new Map<string, Readable>();
  const underWay = new Set<Promise<SendResult>>();

  async function attempt(message: OutgoingMessage): Promise<SendResult> {
    if (!isAddress(message.address)) return { kind: 'rejected', reason: 'rejected-address' };
    const messageId = `<${message.id}@${domain}>`;
    try {
      await transport.sendMail({
        from,
        to: { name: '', address: message.address },
        messageId,
        subject: message.subject ?? message.title ?? '',
        text: message.body,
        ...(message.html !== undefined && { html: message.html }),
      });
      return { kind: 'accepted' };
    } catch (error) {
      return smtpFailure(error, contents.get(messageId)?.readableDidRead === true);
    } finally {
      contents.delete(messageId);
    }
  }

  // Whether the content has left decides between a safe retry and a possible second copy, and errors do not tell.
  transport.use('stream', (mail, done) => {
    const { messageId } = mail.data;
    mail.message.processFunc((content: Readable) => {
      if (messageId !== undefined) contents.set(messageId, content);
      return content;
    });
    done();
  });

  return {
    name: 'email',
    provider: 'smtp',
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
      transport.close();
    },
  };
}

function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  return at > 0 && at < text.length - 1 && text.length <= 320 && !NO_ADDRESS.test(text);
}

/** The right side of the sender's address; Message-IDs are made below it (RFC 5322 section 3.6.4). */
function domainOf(from: string): string {
  return /@([^\s@<>]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
}
