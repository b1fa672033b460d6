import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import type { MimeMail } from './mime';

export interface SmtpSettings extends SMTPConnectionOptions {
  readonly auth?: { readonly user: string; readonly pass: string } | undefined;
}

export type SmtpSent =
  | { readonly kind: 'sent' }
  /** Whether the content had left decides between a safe retry and a possible second copy, and errors do not tell. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly contentLeft: boolean };

/** One connection to a server, for one mail at a time. */
export interface SmtpSession {
  /** Mails that it was given. */
  carried(): number;
  /** False once either side has closed it. */
  alive(): boolean;
  send(mail: MimeMail): Promise<SmtpSent>;
  quit(): void;
}

/** A mail that notes whether the connection, which pipes it once the server has asked for it, has come to that. */
class Content extends Readable {
  left = false;
  readonly #raw: Buffer;

  constructor(raw: Buffer) {
    super();
    this.#raw = raw;
  }

  /** In one piece: to be read as a stream costs a fifth of what sending it does. */
  override pipe<T extends NodeJS.WritableStream>(connection: T): T {
    this.left = true;
    connection.end(this.#raw);
    return connection;
  }
}

/** Connects, says hello and logs in. @throws what the server or the network said to it */
export async function openSession({ auth, ...settings }: SmtpSettings): Promise<SmtpSession> {
  const connection = new SMTPConnection(settings);
  let alive = true;
  let carried = 0;
  for (const event of ['error', 'end']) {
    connection.on(event, () => {
      alive = false;
    });
  }

  /** A request that the connection's end answers as well: not every one of its callbacks would ever be called. */
  function ask(request: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const ended = (error: unknown = new Error('The server closed the connection.')): void => {
        // A 421 ends the connection first and is told to the callback just after: that knows more.
        setImmediate(settle, error);
      };
      function settle(error: unknown): void {
        connection.off('error', ended);
        connection.off('end', ended);
        if (error === undefined || error === null) resolve();
        else reject(error instanceof Error ? error : new Error('The connection failed.', { cause: error }));
      }
      connection.on('error', ended);
      connection.on('end', ended);
      request(settle);
    });
  }

  try {
    await ask((done) => connection.connect(done));
    if (auth && connection.allowsAuth) await ask((done) => connection.login({ credentials: auth }, done));
  } catch (error) {
    connection.close();
    throw error;
  }

  return {
    carried: () => carried,
    alive: () => alive,
    async send({ from, to, raw }) {
      carried += 1;
      const content = new Content(raw);
      try {
        await ask((done) => connection.send({ from, to, size: raw.length }, content, done));
        return { kind: 'sent' };
      } catch (error) {
        const contentLeft = content.left;
        // A refusal concerns one mail; the next one begins afresh.
        await ask((done) => connection.reset(done)).catch(() => connection.close());
        return { kind: 'failed', error, contentLeft };
      }
    },
    quit() {
      if (alive) connection.quit();
    },
  };
}
