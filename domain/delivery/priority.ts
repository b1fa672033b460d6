/** How pressing a message is, from 1 (urgent) to 5. */
export const PRIORITIES = [1, 2, 3, 4, 5] as const;

export type Priority = (typeof PRIORITIES)[number];

export const DEFAULT_PRIORITY: Priority = 3;

/** Urgent messages have slots of their own: they wait behind nobody who is not urgent (semantics.md "Delivery"). */
export const URGENT: Priority = 1;
