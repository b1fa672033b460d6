import type { Fault, FaultKind } from './fault';
import { drawPlan, planLines } from './plan';
import { createRandom } from './random';

const faultsOf = (seed: number, people: number): Fault[] =>
  drawPlan(seed, people).moments.flatMap(({ faults }) => faults.map(({ fault }) => fault));

const kindsOf = (seed: number, people: number): Set<FaultKind> =>
  new Set(faultsOf(seed, people).map(({ kind }) => kind));

describe('the plan of a seed', () => {
  it('is the same whenever it is drawn, and another one for another seed', () => {
    expect(drawPlan(17, 20_000)).toEqual(drawPlan(17, 20_000));
    expect(drawPlan(17, 20_000).moments).not.toEqual(drawPlan(18, 20_000).moments);
  });

  it('has every kind of fault when there are 20,000 people', () => {
    for (let seed = 0; seed < 50; seed += 1) expect(kindsOf(seed, 20_000).size).toBe(12);
  });

  it('kills a worker, restarts Postgres, empties Redis and breaks mails off however few people there are', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      expect([...kindsOf(seed, 100)]).toEqual(
        expect.arrayContaining(['worker-killed', 'postgres-restarted', 'redis-emptied', 'mail-drops']),
      );
      expect(faultsOf(seed, 100)).toHaveLength(6);
    }
  });

  it('has its moments in order and before the campaign is over', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const shares = drawPlan(seed, 20_000).moments.map(({ share }) => share);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect([Math.min(...shares) > 0, Math.max(...shares) < 0.95]).toEqual([true, true]);
    }
  });

  it('draws every way in which a fault can come', () => {
    const all = Array.from({ length: 200 }, (_, seed) => faultsOf(seed, 20_000)).flat();
    const drawn = new Set(
      all.map((fault) => {
        if (fault.kind === 'postgres-restarted') return fault.end;
        if (fault.kind === 'mail-answers') return fault.code;
        return fault.kind === 'mail-drops' ? fault.cut : fault.kind;
      }),
    );
    for (const way of ['asked', 'at-once', 'killed', 421, 450, 550, 'before-the-dot', 'after-the-dot'])
      expect(drawn).toContain(way);
  });

  it('reads as one line a fault', () => {
    const plan = drawPlan(1, 600);
    expect(planLines(plan)).toHaveLength(6);
    expect(planLines(plan)).toContainEqual(
      expect.stringMatching(/^ +\d+\.\d % \+ \d\.\d s {2}Redis is emptied$/),
    );
  });
});

describe('chance that a seed repeats', () => {
  it('spreads evenly, and shuffles without losing anything', () => {
    const random = createRandom(7);
    const drawn = Array.from({ length: 10_000 }, () => random.whole(1, 10));
    for (let face = 1; face <= 10; face += 1) {
      const often = drawn.filter((each) => each === face).length;
      expect([face, often > 850 && often < 1_150]).toEqual([face, true]);
    }
    const list = Array.from({ length: 20 }, (_, index) => index);
    expect(random.shuffle(list)).not.toEqual(list);
    expect(random.shuffle(list).toSorted((a, b) => a - b)).toEqual(list);
  });
});
