import { createTransport } from 'nodemailer';
import { renderMessage } from '../domain/content/message';
import type { BenchRun } from './bench';
import { BenchStopped } from './bench';
import { attributesOf, NEWSLETTER_CONTENT } from './newsletter';
import { addressOf } from './people';

/** As many as the email channel keeps. */
const CONNECTIONS = 20;

/**
 * The usual way to send mail from Node: a pool of connections, each message handed over as soon as one is free. The
 * messages are rendered beforehand and nobody records what became of them.
 */
export async function sendByNodemailer(
  { size, screen, interrupted }: BenchRun,
  url: string,
): Promise<{ perSecond: number }> {
  const { hostname, port } = new URL(url);
  const transport = createTransport({
    pool: true,
    host: hostname,
    port: Number(port),
    maxConnections: CONNECTIONS,
    maxMessages: Infinity,
  });
  const messages = Array.from({ length: size }, (_, n) => messageFor(n));
  const remaining = messages.entries();
  let done = 0;
  const take = async (): Promise<void> => {
    for (const [, message] of remaining) {
      interrupted.throwIfAborted();
      await transport.sendMail(message);
      done += 1;
      if (done % 500 === 0) screen.progress({ label: 'Baseline', done, total: size, note: '' });
    }
  };
  const began = performance.now();
  // A second message for each connection waits in the pool, so that none is idle.
  await Promise.all(Array.from({ length: CONNECTIONS * 2 }, take));
  const seconds = (performance.now() - began) / 1_000;
  transport.close();
  return { perSecond: Math.round(size / seconds) };
}

function messageFor(n: number) {
  const rendered = renderMessage(
    NEWSLETTER_CONTENT,
    'email',
    {},
    { locale: 'en', attributes: attributesOf(n) },
  );
  if (rendered.kind === 'failed')
    throw new BenchStopped(`The newsletter does not render: ${rendered.reason}.`);
  const { subject = '', body, html = '' } = rendered.message;
  const from = 'Sundial <sundial@localhost>';
  return { from, to: addressOf(n), messageId: `<bench-${n}@localhost>`, subject, text: body, html };
}
