import { ok, refused } from '../time/parsed';
import type { Parsed } from '../time/parsed';

/** An answer of a provider that fails on purpose. */
export type FaultyAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'transient' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs?: number };

/** How a provider fails on purpose: the same for the same seed, message and attempt, whoever asks when. */
export interface Faults {
  readonly seed: string;
  /** What the first attempts at every message are answered; the rest goes by `shares`. */
  readonly first: readonly FaultyAnswer[];
  /** Which part of all attempts is answered so, from 0 to 1; what is left of 1 is accepted. */
  readonly shares: readonly { readonly answer: FaultyAnswer; readonly share: number }[];
  /** How long an answer takes, in milliseconds. */
  readonly latency: { readonly from: number; readonly to: number };
}

const NONE: Faults = { seed: '', first: [], shares: [], latency: { from: 0, to: 0 } };

const ANSWER = /^(?:(accepted|rejected|transient|unknown)|rate-limited(?::(\d{1,7}))?)$/;
const SHARE = /^(?:0|1|0?\.\d{1,6})$/;
const SPAN = /^(\d{1,6})(?:-(\d{1,6}))?$/;

/**
 * Reads `seed=7,transient=0.05,rate-limited:500=0.02,latency=5-50,first=unknown/transient`: shares of answers (with
 * milliseconds to come again for a limit), how long they take, and what the first attempts at every message get.
 */
export function parseFaults(text: string): Parsed<Faults> {
  let faults = NONE;
  for (const [index, part] of text.split(',').entries()) {
    const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(\S*)\s*$/.exec(part) ?? [];
    const read = readPart(faults, name, value);
    if (read === null) return refused(`cannot be read in its part ${index + 1}`);
    faults = read;
  }
  const sum = faults.shares.reduce((all, { share }) => all + share, 0);
  return sum > 1 + 1e-9 ? refused('has shares of more than 1 together') : ok(faults);
}

function readPart(faults: Faults, name: string, value: string): Faults | null {
  if (name === 'seed') return value === '' ? null : { ...faults, seed: value };
  if (name === 'latency') {
    const [, from, to = from] = SPAN.exec(value) ?? [];
    if (from === undefined || Number(to) < Number(from)) return null;
    return { ...faults, latency: { from: Number(from), to: Number(to) } };
  }
  if (name === 'first') {
    const first = value.split('/').map(readAnswer);
    return first.every((answer) => answer !== null) ? { ...faults, first } : null;
  }
  const answer = readAnswer(name);
  if (answer === null || !SHARE.test(value)) return null;
  return { ...faults, shares: [...faults.shares, { answer, share: Number(value) }] };
}

function readAnswer(text: string): FaultyAnswer | null {
  const match = ANSWER.exec(text);
  if (!match) return null;
  const [, kind, retryAfter] = match;
  if (kind !== undefined) return { kind: kind as Exclude<FaultyAnswer['kind'], 'rate-limited'> };
  return { kind: 'rate-limited', ...(retryAfter !== undefined && { retryAfterMs: Number(retryAfter) }) };
}

/** @param attempt how often the message was sent before. */
export function faultOf(
  faults: Faults,
  messageId: string,
  attempt: number,
): { readonly answer: FaultyAnswer; readonly latencyMs: number } {
  const { seed, first, shares, latency } = faults;
  const chance = (of: string): number => fraction(`${seed}\n${of}\n${messageId}\n${attempt}`);
  return {
    answer: first[attempt] ?? pick(shares, chance('answer')),
    latencyMs: Math.floor(latency.from + chance('latency') * (latency.to - latency.from + 1)),
  };
}

function pick(shares: Faults['shares'], at: number): FaultyAnswer {
  let below = 0;
  for (const { answer, share } of shares) {
    below += share;
    if (at < below) return answer;
  }
  return { kind: 'accepted' };
}

/** From 0 up to but not including 1: FNV-1a, stirred until neighbours are far apart. */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
