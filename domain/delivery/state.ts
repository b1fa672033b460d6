/**
 * The states of a ledger row and their codes (semantics.md "Every person, one answer"). A row has exactly one.
 * Codes below 10 are on their way; the others are final outcomes. A code is never reused.
 */
export const STATE_CODES = {
  pending: 1,
  held: 2,
  claimed: 3,
  unknown: 4,
  sent: 10,
  failed: 11,
  capped: 12,
  expired: 13,
  suppressed: 14,
  unsubscribed: 15,
  holdout: 16,
  'quiet-hours': 17,
  'business-hours': 18,
  holiday: 19,
  compliance: 20,
  skipped: 21,
  'no-address': 22,
  duplicate: 23,
  erased: 24,
  cancelled: 25,
  exited: 26,
} as const;

export type DeliveryState = keyof typeof STATE_CODES;

export const DELIVERY_STATES = Object.keys(STATE_CODES) as DeliveryState[];

/**
 * Why a row has its state, where the state alone does not say it. A code is never reused. A claimed row has one when
 * its message may already be with its recipient (`no-answer`, `owner-lost`), or when a person `decided` that it is to
 * be sent again, or had what failed `replayed`.
 */
export const REASON_CODES = {
  late: 1,
  'expired-message': 2,
  gap: 3,
  'missing-variable': 4,
  'template-error': 5,
  'template-missing': 6,
  'no-content': 7,
  'rejected-address': 8,
  'rejected-message': 9,
  'provider-unavailable': 10,
  'key-destroyed': 11,
  'schedule-cancelled': 12,
  'key-unavailable': 13,
  'no-answer': 14,
  'owner-lost': 15,
  decided: 16,
  'hard-bounce': 30,
  complaint: 31,
  manual: 32,
  'cap-day': 33,
  'cap-week': 34,
  replayed: 35,
} as const;

export type DeliveryReason = keyof typeof REASON_CODES;

/** What moved the due instant away from the nominal wall time; the last change counts. */
export const ADJUSTED_CODES = { gap: 1, overlap: 2 } as const;

export type Adjusted = keyof typeof ADJUSTED_CODES;

const stateByCode = invert(STATE_CODES);
const reasonByCode = invert(REASON_CODES);
const adjustedByCode = invert(ADJUSTED_CODES);

export function stateOfCode(code: number): DeliveryState {
  return known(stateByCode, code, 'delivery state');
}

export function reasonOfCode(code: number): DeliveryReason {
  return known(reasonByCode, code, 'delivery reason');
}

export function adjustedOfCode(code: number): Adjusted {
  return known(adjustedByCode, code, 'adjustment');
}

function invert<Name extends string>(codes: Record<Name, number>): Map<number, Name> {
  return new Map((Object.keys(codes) as Name[]).map((name) => [codes[name], name]));
}

function known<Name>(names: Map<number, Name>, code: number, what: string): Name {
  const name = names.get(code);
  if (name === undefined) throw new RangeError(`No ${what} has the code ${code}.`);
  return name;
}
