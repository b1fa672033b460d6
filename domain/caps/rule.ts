/** Which stretch of time a cap looks at (semantics.md "Caps"). */
export const CAP_WINDOWS = ['rolling', 'calendar'] as const;

export type CapWindow = (typeof CAP_WINDOWS)[number];

/** What becomes of messages while nobody can say how many a person has had. */
export const ON_THROTTLE_UNAVAILABLE = ['wait', 'allow'] as const;

export type OnThrottleUnavailable = (typeof ON_THROTTLE_UNAVAILABLE)[number];

/** What becomes of a message beyond a cap, with its code: it ends, or waits for its first free instant. */
export const ON_CAP_CODES = { drop: 1, defer: 2 } as const;

export type OnCap = keyof typeof ON_CAP_CODES;

export function onCapOfCode(code: number): OnCap {
  return code === ON_CAP_CODES.defer ? 'defer' : 'drop';
}

/** The most that a cap can be: beyond it means no cap. */
export const HIGHEST_CAP = 1_000;

/** How many messages a person may have; null is no cap. */
export interface CapLimits {
  readonly perDay: number | null;
  readonly perWeek: number | null;
}

/** The caps of one schedule. */
export interface CapRule extends CapLimits {
  readonly window: CapWindow;
  readonly onUnavailable: OnThrottleUnavailable;
}

/** Holds for versions from before caps as well: it is what they were answered with. */
export const DEFAULT_CAP_RULE: CapRule = { perDay: 3, perWeek: 10, window: 'rolling', onUnavailable: 'wait' };

/** The category that passes quiet hours, caps and promotional windows (semantics.md "Quiet hours and compliance windows"). */
export const TRANSACTIONAL = 'transactional';

/** Transactional messages pass caps, and count for nobody's. */
export function isCounted(category: string): boolean {
  return category !== TRANSACTIONAL;
}
