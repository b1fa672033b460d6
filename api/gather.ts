/** Hands in an item, and answers what became of it. */
export type HandIn<T, R> = (item: T) => Promise<R>;

interface Waiter<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Has work done for many at once: what comes while `work` is under way gathers into the next round, which starts when
 * that one has ended. So a round trip, or a wait for the disk, costs the same whether one waits for it or a thousand do,
 * and nobody waits for more than two.
 * @param work for items that all came before it started; a result for each, in their order.
 * @param most items of one round.
 * @param sharedFate whether an error of `work` is one for each of its items; otherwise each is tried alone.
 */
export function gather<T, R>(
  work: (items: readonly T[]) => Promise<readonly R[]>,
  { most, sharedFate }: { most: number; sharedFate: (error: unknown) => boolean },
): HandIn<T, R> {
  let gathering: Waiter<T, R>[] = [];
  let working = false;

  async function goOn(): Promise<void> {
    while (gathering.length > 0) {
      const round = gathering.slice(0, most);
      gathering = gathering.slice(most);
      await settle(round);
    }
    working = false;
  }

  async function settle(round: readonly Waiter<T, R>[]): Promise<void> {
    try {
      const results = await work(round.map(({ item }) => item));
      round.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined)
          reject(new Error('There is no result for one of those that were gathered.'));
        else resolve(result);
      });
    } catch (error) {
      if (round.length === 1 || sharedFate(error)) round.forEach(({ reject }) => reject(error));
      else for (const alone of round) await settle([alone]);
    }
  }

  return (item) =>
    new Promise<R>((resolve, reject) => {
      gathering.push({ item, resolve, reject });
      if (working) return;
      working = true;
      // What has arrived in the same moment comes along.
      setImmediate(() => void goOn());
    });
}
