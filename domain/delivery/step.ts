import type { Instant } from '../time/instant';
import type { ChannelName } from './channel';
import type { DeliveryReason, DeliveryState } from './state';
import type { Verdict } from './verdict';

/** What came of one step of a message's way, and its code in the ledger. A code is never reused. */
export const STEP_CODES = {
  /** The provider took it. */
  accepted: 1,
  /** The provider never will. */
  rejected: 2,
  /** It was certainly not accepted, and may be later. */
  transient: 3,
  /** It left and no answer came, or whoever sent it was gone before they could record one. */
  unknown: 4,
  /** Nothing was asked of the provider, because it has been failing. */
  unavailable: 5,
  /** The person has no address for the channel. */
  'no-address': 6,
  /** The channel writes to the person's address no more. */
  suppressed: 7,
  /** No message could be made for the channel. */
  'not-made': 8,
  /** Somebody had it sent once more. */
  restarted: 9,
  /** The provider was asked too often, again and again. */
  'rate-limited': 10,
} as const;

export type StepResult = keyof typeof STEP_CODES;

export const STEP_RESULTS = Object.keys(STEP_CODES) as StepResult[];

/** One step of a message's way through channels and providers. */
export interface Step {
  /** Null where nobody knows any more. */
  readonly channel: ChannelName | null;
  /** Who was asked, or would have been; null is nobody, or of an attempt the channel's first. */
  readonly provider: string | null;
  readonly at: Instant;
  readonly result: StepResult;
  readonly reason: DeliveryReason | null;
}

const byCode = new Map<number, StepResult>(STEP_RESULTS.map((name) => [STEP_CODES[name], name]));

export function stepResultOfCode(code: number): StepResult {
  const name = byCode.get(code);
  if (!name) throw new RangeError(`No result of a step has the code ${code}.`);
  return name;
}

/** Whether it says by itself that a try of a provider was used up: to be asked too often mostly costs none. */
export function isAttempt({ result }: Pick<Step, 'result'>): boolean {
  switch (result) {
    case 'accepted':
    case 'rejected':
    case 'transient':
    case 'unknown':
      return true;
    case 'rate-limited':
    case 'unavailable':
    case 'no-address':
    case 'suppressed':
    case 'not-made':
    case 'restarted':
      return false;
  }
}

/** Whether it names a provider: the one that was called, or would have been. */
export function isCall(step: Pick<Step, 'result'>): boolean {
  return isAttempt(step) || step.result === 'rate-limited' || step.result === 'unavailable';
}

/** What an outcome after a single attempt says of it, so that the step need not be kept; null when it says nothing. */
export function impliedResult(
  outcome: DeliveryState,
  reason: DeliveryReason | null,
): Extract<StepResult, 'accepted' | 'rejected'> | null {
  if (outcome === 'sent' && reason === null) return 'accepted';
  const refused = reason === 'rejected-address' || reason === 'rejected-message';
  return outcome === 'failed' && refused ? 'rejected' : null;
}

/** That a channel cannot write to the person: the next has another address and another text. */
export function passedOver(channel: ChannelName, { state, reason }: Verdict): Omit<Step, 'at'> {
  const result = state === 'no-address' || state === 'suppressed' ? state : 'not-made';
  return { channel, provider: null, result, reason };
}
