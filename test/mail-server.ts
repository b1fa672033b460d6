import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';
import type { ReceivedMessage } from '../channels/conformance';

/** A mail as the server took it. */
export type Mail = ReceivedMessage & { readonly from: string; readonly raw: string };

interface MailServer {
  readonly url: string;
  readonly mails: readonly Mail[];
  close(): Promise<void>;
}

/** A real SMTP server that keeps what it accepts. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: Mail[] = [];
  const receive = callbackify(async (stream: Readable, from: string, address: string): Promise<void> => {
    const raw = await buffer(stream);
    const { messageId = '', subject, text = '', html } = await PostalMime.parse(raw);
    mails.push({ from, address, id: messageId, subject, body: text, html, raw: raw.toString('latin1') });
  });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    onData(stream, { envelope: { mailFrom, rcptTo } }, done) {
      const from = mailFrom === false ? '' : mailFrom.address;
      receive(stream, from, rcptTo.map(({ address }) => address).join(), done);
    },
    ...options,
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: urlOf(listening.address()),
    mails,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** The `smtp://` address of whatever listens there. */
export function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return `smtp://127.0.0.1:${address.port}`;
}
