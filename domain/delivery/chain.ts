import { MINUTE, SECOND } from '../time/instant';
import type { Instant } from '../time/instant';
import type { ChannelName } from './channel';
import { isDoubt } from './doubt';
import type { Doubt, OnUnknown } from './doubt';
import type { DeliveryReason } from './state';
import { isAttempt } from './step';
import type { Step } from './step';
import { undecided } from './verdict';
import type { Verdict } from './verdict';

/** A channel that may carry a message, with its providers in the order in which they are asked. */
export interface Leg {
  readonly channel: ChannelName;
  readonly providers: readonly { readonly provider: string }[];
}

/** Where a message can go: the channels in the order in which they are tried. */
export interface Chain {
  readonly legs: readonly Leg[];
  readonly onUnknown: OnUnknown;
}

/** What a message ended with, and where. */
export interface Ending {
  readonly channel: ChannelName;
  /** Who was asked last; null when nobody was. */
  readonly provider: string | null;
  readonly verdict: Verdict;
}

/**
 * How far a message has come on its chain (semantics.md "Delivery"): at most three retries a provider, then the next
 * provider of the channel, then the next channel, then the dead letters.
 */
export interface Progress {
  /** Which channel is at hand. */
  readonly leg: number;
  /** Whom to ask there next. */
  readonly provider: string;
  /** Of this channel, by provider. */
  readonly asked: Readonly<Record<string, Asked>>;
  /** What binds the message to the provider at hand: a copy of it may have been accepted there. */
  readonly bound: Doubt | 'decided' | null;
  /** Since when nobody could be asked in this channel; null while somebody can. */
  readonly barredSince: Instant | null;
  /** What weighs most of that which the channels before ended with. */
  readonly before: Ending | null;
  readonly ended: Ending | null;
  readonly last: Answered | null;
}

interface Asked {
  /** Attempts that count. */
  readonly tries: number;
  /** How often it was asked too often. */
  readonly putOffs: number;
  /** Nothing is asked of it before. */
  readonly barredUntil: Instant;
}

interface Answered {
  readonly provider: string | null;
  readonly result: Step['result'];
  readonly forMs: number;
}

export type Next =
  | {
      readonly kind: 'ask';
      readonly channel: ChannelName;
      readonly provider: string;
      /** To be waited before. */
      readonly afterMs: number;
    }
  | { readonly kind: 'end'; readonly ending: Ending };

/** A message on whose way somebody was before. */
export interface Begun {
  /** Where the ledger says that it is; without a channel it begins anew, without a provider with the first. */
  readonly channel: ChannelName | null;
  readonly provider: string | null;
  readonly attempts: number;
  /** What those before left, see `REASON_CODES`. */
  readonly reason: DeliveryReason | null;
  /** Their steps as far as they are recorded, oldest first. */
  readonly trail: readonly Step[];
}

/** semantics.md "Delivery": `retry: { max: 3, firstSeconds: 2, factor: 4 }`. */
const RETRY = { max: 3, firstMs: 2 * SECOND, factor: 4 };

/** How often a provider may put a message off without it counting as a try: some half an hour of back-off. */
const MOST_PUT_OFF = 30;
const LONGEST_PUT_OFF_MS = MINUTE;

/** A channel whose providers are all given up is waited for as long as a provider's retries take, if another may follow. */
const PATIENCE_MS = RETRY.firstMs * (1 + RETRY.factor + RETRY.factor ** 2);

const UNASKED: Asked = { tries: 0, putOffs: 0, barredUntil: Number.NEGATIVE_INFINITY };
const EXHAUSTED: Verdict = { state: 'failed', reason: 'provider-unavailable' };

/** Nothing has come of a message yet. */
export function start(chain: Chain): Progress {
  return enter(chain, 0, null);
}

/**
 * Goes on where those before have come to. What they did and nobody recorded counts as tries of the provider at hand.
 */
export function resume(chain: Chain, { channel, provider, attempts, reason, trail }: Begun): Progress {
  let progress = trail.reduce((so, step) => after(chain, so, step), start(chain));
  const leg = chain.legs.findIndex((one) => one.channel === channel);
  if (leg > progress.leg) progress = enter(chain, leg, progress.before);
  const known = trail.some((step) => step.channel === channel && isAttempt(step));
  if (provider !== null && leg === progress.leg && (!known || progress.bound !== null)) {
    progress = { ...progress, provider };
  }
  if (isDoubt(reason)) progress = { ...progress, bound: reason };
  if (reason === 'decided') progress = { ...progress, bound: 'decided' };
  const restarted = reason === 'replayed' || reason === 'decided' || trail.some(isRestart);
  const untold = restarted ? 0 : attempts - trail.filter(isAttempt).length;
  if (untold > 0) progress = noted(progress, progress.provider, { tries: triesOf(progress) + untold });
  // Whoever takes it up does not wait for what others waited for.
  return { ...(progress.ended ? progress : chosen(chain, progress, Number.NEGATIVE_INFINITY)), last: null };
}

function isRestart({ result }: Step): boolean {
  return result === 'restarted';
}

/** What a step makes of it. @param forMs how long its provider wants to be left alone. */
export function after(chain: Chain, from: Progress, step: Step, forMs = 0): Progress {
  if (step.result === 'restarted') {
    if (step.reason !== 'decided') return start(chain);
    return { ...from, asked: {}, bound: 'decided', barredSince: null, ended: null, last: null };
  }
  const leg = chain.legs.findIndex(({ channel }) => channel === step.channel);
  const there = leg < 0 || leg === from.leg ? from : enter(chain, leg, from.before);
  const { provider, result } = step;
  const progress = { ...there, last: { provider, result, forMs } };
  const asked = provider ?? firstOf(legOf(chain, progress));
  const { tries, putOffs } = progress.asked[asked] ?? UNASKED;
  switch (result) {
    case 'accepted':
      return ended(chain, progress, { state: 'sent', reason: null });
    case 'rejected':
      // An answer about every copy, and another channel is another address. But where a copy may have arrived it ends.
      return left(chain, progress, { state: 'failed', reason: step.reason });
    case 'no-address':
    case 'suppressed':
      return leftUnlessDoubted(chain, progress, { state: result, reason: step.reason });
    case 'not-made':
      return leftUnlessDoubted(chain, progress, { state: 'failed', reason: step.reason });
    case 'unknown': {
      const doubt = isDoubt(step.reason) ? step.reason : 'no-answer';
      const doubted = { ...noted(progress, asked, { tries: tries + 1 }), provider: asked, bound: doubt };
      return chain.onUnknown === 'hold'
        ? ended(chain, doubted, undecided(doubt))
        : chosen(chain, doubted, step.at);
    }
    case 'transient':
      return chosen(chain, noted(progress, asked, { tries: tries + 1 }), step.at);
    case 'rate-limited': {
      const counts = putOffs >= MOST_PUT_OFF ? 1 : 0;
      return chosen(chain, noted(progress, asked, { tries: tries + counts, putOffs: putOffs + 1 }), step.at);
    }
    case 'unavailable': {
      const barred = noted(progress, asked, { barredUntil: step.at + forMs });
      return chosen(chain, { ...barred, barredSince: progress.barredSince ?? step.at }, step.at);
    }
  }
}

/** Whether being asked too often once more counts as a try of the provider at hand. */
export function isOutOfPatience({ asked, provider }: Progress): boolean {
  return (asked[provider]?.putOffs ?? 0) >= MOST_PUT_OFF;
}

/** Whom to ask next, and when, or how it ended. @param random from 0 up to but not including 1. */
export function nextOf(chain: Chain, progress: Progress, now: Instant, random: () => number): Next {
  if (progress.ended) return { kind: 'end', ending: progress.ended };
  const { provider } = progress;
  const channel = legOf(chain, progress).channel;
  return { kind: 'ask', channel, provider, afterMs: waitMs(progress, now, random) };
}

function waitMs({ asked, provider, last }: Progress, now: Instant, random: () => number): number {
  const { tries, putOffs, barredUntil } = asked[provider] ?? UNASKED;
  // However long it lasts: only expiry, or somebody who pauses or cancels, ends the wait. Not all come at once.
  if (barredUntil > now) return (barredUntil - now) * (1 + 0.2 * random());
  if (last === null || (last.provider ?? provider) !== provider) return 0;
  switch (last.result) {
    case 'transient':
    case 'unknown':
      return backOffMs(tries, random);
    case 'rate-limited':
      return Math.max(Math.min(backOffMs(putOffs, random), LONGEST_PUT_OFF_MS), last.forMs);
    case 'accepted':
    case 'rejected':
    case 'unavailable':
    case 'no-address':
    case 'suppressed':
    case 'not-made':
    case 'restarted':
      return 0;
  }
}

/** 2 s, 8 s, 32 s, each spread by a fifth to both sides. */
function backOffMs(attempts: number, random: () => number): number {
  return RETRY.firstMs * RETRY.factor ** (attempts - 1) * (0.8 + 0.4 * random());
}

/**
 * Settles whom to ask next of the channel at hand: the one who was asked last, for as long as they have a try left and
 * are not given up; then whoever can be asked at once; then whoever can be asked first. Never another than the one by
 * whom a copy may have been accepted.
 */
function chosen(chain: Chain, progress: Progress, at: Instant): Progress {
  const { bound, provider } = progress;
  const labels = legOf(chain, progress).providers.map((one) => one.provider);
  const able = (bound === null ? labels : labels.filter((one) => one === provider)).filter(
    (one) => triesOf(progress, one) <= RETRY.max,
  );
  if (able.length === 0) {
    return isDoubt(bound) ? ended(chain, progress, undecided(bound)) : left(chain, progress, EXHAUSTED);
  }
  const barredUntil = (one: string): Instant => (progress.asked[one] ?? UNASKED).barredUntil;
  const free = able.filter((one) => barredUntil(one) <= at);
  const [first] = free.includes(provider) ? [provider] : free;
  if (first !== undefined) return { ...progress, provider: first, barredSince: null };
  const since = progress.barredSince ?? at;
  const mayGoOn = bound === null && progress.leg + 1 < chain.legs.length;
  if (mayGoOn && at - since >= PATIENCE_MS) return left(chain, progress, EXHAUSTED);
  const soonest = able.toSorted((a, b) => barredUntil(a) - barredUntil(b))[0] ?? provider;
  return { ...progress, provider: soonest, barredSince: since };
}

/** To the next channel, or to the end. */
function left(chain: Chain, progress: Progress, verdict: Verdict): Progress {
  const before = weightier(progress.before, endingOf(chain, progress, verdict));
  const next = progress.leg + 1;
  return progress.bound === null && next < chain.legs.length
    ? enter(chain, next, before)
    : { ...progress, ended: before };
}

function leftUnlessDoubted(chain: Chain, progress: Progress, verdict: Verdict): Progress {
  return isDoubt(progress.bound)
    ? ended(chain, progress, undecided(progress.bound))
    : left(chain, progress, verdict);
}

/** What was tried and failed is for a person to mend, and to replay; otherwise what was asked for first counts. */
export function weightier(before: Ending | null, now: Ending): Ending {
  if (before === null) return now;
  return before.verdict.state !== 'failed' && now.verdict.state === 'failed' ? now : before;
}

function ended(chain: Chain, progress: Progress, verdict: Verdict): Progress {
  return { ...progress, ended: endingOf(chain, progress, verdict) };
}

/** What it ends with on the channel at hand, and who was asked there last. */
export function endingOf(chain: Chain, progress: Progress, verdict: Verdict): Ending {
  const { asked, last, provider } = progress;
  const lastAsked = last?.provider ?? (asked[provider] === undefined ? null : provider);
  return { channel: legOf(chain, progress).channel, provider: lastAsked, verdict };
}

function enter(chain: Chain, leg: number, before: Ending | null): Progress {
  const provider = firstOf(legOf(chain, { leg }));
  return { leg, provider, asked: {}, bound: null, barredSince: null, before, ended: null, last: null };
}

function noted(progress: Progress, provider: string, change: Partial<Asked>): Progress {
  const asked = { ...(progress.asked[provider] ?? UNASKED), ...change };
  return { ...progress, asked: { ...progress.asked, [provider]: asked } };
}

function triesOf(progress: Progress, provider = progress.provider): number {
  return progress.asked[provider]?.tries ?? 0;
}

function firstOf({ channel, providers }: Leg): string {
  const [first] = providers;
  if (!first) throw new RangeError(`Nobody carries the channel ${channel}.`);
  return first.provider;
}

function legOf({ legs }: Chain, { leg }: Pick<Progress, 'leg'>): Leg {
  const one = legs[leg];
  if (!one) throw new RangeError(`A chain of ${legs.length} channels has none at ${leg}.`);
  return one;
}
