/**
 * The states of a message that waits, and their codes. `held` ones wait for a later instant than they were accepted
 * for. `schedule`: no message of its own, but somebody of a schedule's occurrence who waits. A code is never reused.
 */
export const MESSAGE_STATE_CODES = { pending: 1, held: 2, claimed: 3, schedule: 4 } as const;
