/** Hands an item to the group that gathers, and answers what became of it. */
export type Join<T, R> = (item: T) => Promise<R>;

interface Waiter<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: what comes while a commit is under way gathers into the next one, which starts when that one has ended.
 * So a commit costs the same whether one waits for it or a thousand do, and nobody waits for more than two.
 * @param commit of items that all came before it started, with a result for each.
 * @param most items of one commit.
 * @param sharedFate whether an error of `commit` is one for each of its items; otherwise each is tried alone.
 */
export function groupCommit<T, R>(
  commit: (items: readonly T[]) => Promise<readonly R[]>,
  { most, sharedFate }: { most: number; sharedFate: (error: unknown) => boolean },
): Join<T, R> {
  let gathering: Waiter<T, R>[] = [];
  let working = false;

  async function work(): Promise<void> {
    while (gathering.length > 0) {
      const group = gathering.slice(0, most);
      gathering = gathering.slice(most);
      await settle(group);
    }
    working = false;
  }

  async function settle(group: readonly Waiter<T, R>[]): Promise<void> {
    try {
      const results = await commit(group.map(({ item }) => item));
      group.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error('A commit gave no result for one of its items.'));
        else resolve(result);
      });
    } catch (error) {
      if (group.length === 1 || sharedFate(error)) group.forEach(({ reject }) => reject(error));
      else for (const alone of group) await settle([alone]);
    }
  }

  return (item) =>
    new Promise<R>((resolve, reject) => {
      gathering.push({ item, resolve, reject });
      if (working) return;
      working = true;
      // What has arrived in the same moment comes along.
      setImmediate(() => void work());
    });
}
