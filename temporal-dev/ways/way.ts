/** What a way came back with: the thing, or why it could not be had like this. */
export type Attempt<T> =
  { readonly kind: 'found'; readonly value: T } | { readonly kind: 'missing'; readonly reason: string };

/** One way of getting hold of a server. Ways are tried in order, cheapest first. */
export interface Way<T> {
  readonly name: string;
  /** `tell` says what takes time. */
  attempt(tell: (note: string) => void): Promise<Attempt<T>>;
}

/** Every way failed; the message is one line that holds each one's reason. */
export class NoWay extends Error {}

/** @throws NoWay when none of the ways leads anywhere. */
export async function firstFound<T>(
  what: string,
  ways: readonly Way<T>[],
  tell: (note: string) => void,
): Promise<T> {
  const reasons: string[] = [];
  for (const way of ways) {
    const attempt = await tryWay(way, tell);
    if (attempt.kind === 'found') return attempt.value;
    reasons.push(`${way.name}: ${attempt.reason}`);
  }
  throw new NoWay(`${what} cannot be had on this machine. ${reasons.join('; ')}.`);
}

async function tryWay<T>(way: Way<T>, tell: (note: string) => void): Promise<Attempt<T>> {
  try {
    return await way.attempt(tell);
  } catch (error) {
    return missing(error instanceof Error ? error.message : String(error));
  }
}

export function found<T>(value: T): Attempt<T> {
  return { kind: 'found', value };
}

export function missing<T>(reason: string): Attempt<T> {
  return { kind: 'missing', reason };
}
