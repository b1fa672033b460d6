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
 * messages, to the people from number `from` up to but not including `upTo`, are rendered beforehand, and nobody
 * records what became of them.
 */
export async function sendByNodemailer(
  { screen, interrupted }: Pick<BenchRun, 'screen' | 'interrupted'>,
  url: string,
  { from, upTo }: { from: number; upTo: number },
): Promise<{ seconds: number; cpuUs: number }> {
  const { hostname, port } = new URL(url);
  const transport = createTransport({
    pool: true,
    host: hostname,
    port: Number(port),
    maxConnections: CONNECTIONS,
    maxMessages: Infinity,
  });
  const messages = Array.from({ length: upTo - from }, (_, n) => messageFor(from + n));
  const remaining = messages.entries();
  let done = 0;
  const take = async (): Promise<void> => {
    for (const [, message] of remaining) {
      interrupted.throwIfAborted();
      await transport.sendMail(message);
      done += 1;
      if (done % 500 === 0) screen.progress({ label: 'Baseline', done, total: messages.length, note: '' });
    }
  };
  const began = { at: performance.now(), cpu: process.cpuUsage() };
  // A second message for each connection waits in the pool, so that none is idle.
  await Promise.all(Array.from({ length: CONNECTIONS * 2 }, take));
  const seconds = (performance.now() - began.at) / 1_000;
  const { user, system } = process.cpuUsage(began.cpu);
  transport.close();
  return { seconds, cpuUs: user + system };
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
