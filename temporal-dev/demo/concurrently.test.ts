import { concurrently } from './concurrently';

describe('work done concurrently', () => {
  it('is done once for every item, never more than so many at once', async () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const done: number[] = [];
    let [underWay, most] = [0, 0];
    await concurrently(items, 4, async (item) => {
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      done.push(item);
    });
    expect(done.toSorted((a, b) => a - b)).toEqual(items);
    expect(most).toBe(4);
  });

  it('begins nothing more after a failure, and throws it when all that was under way has ended', async () => {
    const begun: number[] = [];
    let ended = 0;
    const work = concurrently([0, 1, 2, 3, 4, 5, 6, 7], 2, async (item) => {
      begun.push(item);
      await new Promise(setImmediate);
      ended++;
      if (item === 2) throw new Error('two');
    });
    await expect(work).rejects.toThrow('two');
    expect(begun.length).toBeLessThan(6);
    expect(ended).toBe(begun.length);
  });
});
