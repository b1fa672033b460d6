import Mustache from 'mustache';
import { renderMessage } from '../domain/content/message';
import type { Bench, BenchRun, Figures } from './bench';
import { BenchStopped } from './bench';
import { type Distribution, distributionOf } from './distribution';
import { attributesOf, NEWSLETTER, NEWSLETTER_CONTENT } from './newsletter';
import { rounded } from './rounded';

type Attributes = Record<string, unknown>;

/** Readers take turns, so that no text is rendered twice in a row. */
const READERS = 1_000;
const WARM_UP = 5_000;

export const render: Bench = {
  name: 'render',
  about:
    'a newsletter with ten values and a list, text and HTML; against mustache.render, which parses each time',
  size: { option: 'count', usual: 50_000, least: 100, most: 10_000_000, meaning: 'messages to render' },
  run: measure,
};

async function measure({ size, screen, profiling, interrupted }: BenchRun): Promise<Figures> {
  const readers = Array.from({ length: READERS }, (_, n) => attributesOf(n));
  for (const attributes of readers) {
    if (ours(attributes) === theirs(attributes)) continue;
    throw new BenchStopped(
      'Sundial and Mustache render the newsletter differently: there is nothing to compare.',
    );
  }
  const endProfile = await profiling.beginHere();
  screen.say(`Rendering ${size} messages.`);
  const times = timed(ours, readers, size);
  await endProfile();
  interrupted.throwIfAborted();
  screen.say('Rendering them by Mustache.');
  const baseline = timed(theirs, readers, size);
  return {
    p50Us: times.at(50),
    p99Us: times.at(99),
    baselineP50Us: baseline.at(50),
    baselineP99Us: baseline.at(99),
    ratio: rounded(baseline.at(50) / times.at(50), 2),
    count: size,
  };
}

/** As a page renders it. Answers the bytes, so that nothing can be left out or put off. */
function ours(attributes: Attributes): number {
  const rendered = renderMessage(NEWSLETTER_CONTENT, 'email', {}, { locale: 'en-GB', attributes });
  if (rendered.kind === 'failed') throw new BenchStopped(`The newsletter fails: ${rendered.reason}.`);
  const { subject = '', body, html = '' } = rendered.message;
  return bytesOf(subject) + bytesOf(body) + bytesOf(html);
}

/** By the library alone. Its cache would spare the parsing; a script that is started for a mailing has it empty. */
function theirs(attributes: Attributes): number {
  const plain = { escape: String };
  const text = (source: string): number => {
    Mustache.clearCache();
    return bytesOf(Mustache.render(source, attributes, undefined, plain));
  };
  return (
    text(NEWSLETTER.subject) + text(NEWSLETTER.body) + bytesOf(Mustache.render(NEWSLETTER.html, attributes))
  );
}

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** Microseconds of each call, after some that let the engine compile what it is about to be asked for. */
function timed(
  call: (attributes: Attributes) => number,
  readers: readonly Attributes[],
  count: number,
): Distribution {
  const samples: number[] = [];
  const warmUp = Math.min(WARM_UP, count);
  for (let n = 0; n < warmUp + count; n += 1) {
    const reader = readers[n % readers.length] ?? {};
    const began = performance.now();
    call(reader);
    const took = (performance.now() - began) * 1_000;
    if (n >= warmUp) samples.push(took);
  }
  return distributionOf(samples, 1);
}
