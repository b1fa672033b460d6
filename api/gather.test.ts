import { gather } from './gather';

const alone = { most: 100, sharedFate: () => false };

/** Work that waits to be let go, and notes what it was given. */
function held() {
  const rounds: number[][] = [];
  const doors: (() => void)[] = [];
  const work = async (items: readonly number[]): Promise<number[]> => {
    rounds.push([...items]);
    await new Promise<void>((open) => doors.push(open));
    return items.map((item) => item * 10);
  };
  return { rounds, work, open: () => doors.shift()?.() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what is gathered', () => {
  it('is done together when it comes in the same moment', async () => {
    const rounds: number[][] = [];
    const handIn = gather(async (items: readonly number[]) => {
      rounds.push([...items]);
      return items;
    }, alone);
    expect(await Promise.all([1, 2, 3].map(handIn))).toEqual([1, 2, 3]);
    expect(rounds).toEqual([[1, 2, 3]]);
  });

  it('waits for the round under way and no longer, in rounds of limited size', async () => {
    const { rounds, work, open } = held();
    const handIn = gather(work, { ...alone, most: 2 });
    const first = handIn(1);
    await turn();
    const later = Promise.all([2, 3, 4].map(handIn));
    await turn();
    expect(rounds).toEqual([[1]]);
    open();
    expect(await first).toBe(10);
    await turn();
    expect(rounds).toEqual([[1], [2, 3]]);
    open();
    await turn();
    open();
    expect(await later).toEqual([20, 30, 40]);
    expect(rounds).toEqual([[1], [2, 3], [4]]);
  });

  it('fails alone where the fault is its own', async () => {
    const handIn = gather(async (items: readonly number[]) => {
      if (items.includes(2)) throw new Error('two');
      return items;
    }, alone);
    const ended = await Promise.allSettled([1, 2, 3].map(handIn));
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails together where the fault is nobody’s, and goes on afterwards', async () => {
    let broken = true;
    let rounds = 0;
    const handIn = gather(
      async (items: readonly number[]) => {
        rounds += 1;
        if (broken) throw new Error('away');
        return items;
      },
      { most: 100, sharedFate: () => true },
    );
    const ended = await Promise.allSettled([1, 2, 3].map(handIn));
    expect([ended.map(({ status }) => status), rounds]).toEqual([['rejected', 'rejected', 'rejected'], 1]);
    broken = false;
    expect(await handIn(4)).toBe(4);
  });
});
