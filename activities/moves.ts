import type { Moved } from './deliver';

interface Wish<Move> {
  readonly move: Move;
  readonly tell: (moved: Moved) => void;
  readonly fail: (error: unknown) => void;
}

/** As many as a sub-batch at once. */
const AT_ONCE = 100;

/**
 * Gathers messages that go to another provider or channel while the ones before are being written: in an outage that is
 * everybody, and a statement each would cost more than the messages.
 * @param write answers for each, in their order.
 */
export function createMoves<Move>(
  write: (moves: readonly Move[]) => Promise<readonly Moved[]>,
): (move: Move) => Promise<Moved> {
  let waiting: Wish<Move>[] = [];
  let writing = false;

  async function drain(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, AT_ONCE);
      waiting = waiting.slice(AT_ONCE);
      try {
        const moved = await write(batch.map(({ move }) => move));
        batch.forEach(({ tell }, index) => tell(moved[index] ?? 'lost'));
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
    }
    writing = false;
  }

  return (move) =>
    new Promise((tell, fail) => {
      waiting.push({ move, tell, fail });
      // Those of the same turn come along.
      if (!writing) queueMicrotask(() => writing || void drain());
    });
}
