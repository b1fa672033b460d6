import { callbackify } from 'node:util';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import type { Envelope } from './mail';

/** A mail larger than this is refused, as real providers do. */
const LARGEST_MAIL_BYTES = 26_214_400;

/** Receives any mail from anybody; `accept` answers when it is safely kept. */
export function createSmtpReceiver(accept: (raw: Buffer, envelope: Envelope) => Promise<void>): SMTPServer {
  async function receive(stream: SMTPServerDataStream, envelope: Envelope): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      if (!stream.sizeExceeded) chunks.push(chunk);
    }
    if (!stream.sizeExceeded) await accept(Buffer.concat(chunks), envelope);
    return 'Kept';
  }
  const receiveWithCallback = callbackify(receive);

  return new SMTPServer({
    name: 'inbox.sundial.localhost',
    logger: false,
    size: LARGEST_MAIL_BYTES,
    rejectOversized: true,
    authOptional: true,
    allowInsecureAuth: true,
    // It has no certificate, and a resolver would cost every connection a DNS query.
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onAuth(auth, _session, done) {
      done(null, { user: auth.username ?? 'anybody' });
    },
    onData(stream, { envelope: { mailFrom, rcptTo } }, done) {
      const from = mailFrom === false ? '' : mailFrom.address;
      receiveWithCallback(stream, { from, to: rcptTo.map(({ address }) => address) }, done);
    },
  });
}
