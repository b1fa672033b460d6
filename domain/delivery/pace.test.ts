import fc from 'fast-check';
import { HOUR, MINUTE, SECOND } from '../time/instant';
import type { Instant } from '../time/instant';
import { configuredPace, FORGETS_AFTER, isForgotten, SLOWEST_RATE, slowedDown, takeTokens } from './pace';
import type { Pace } from './pace';

/** Asks every millisecond for one, from `from` up to but not including `to`. */
function taken(pace: Pace, from: Instant, to: Instant): { granted: number; pace: Pace } {
  let granted = 0;
  let current = pace;
  for (let now = from; now < to; now += 1) {
    const answer = takeTokens(current, 1, now);
    granted += answer.granted;
    current = answer.pace;
  }
  return { granted, pace: current };
}

describe('a configured rate', () => {
  it('lets as many through in a second as it says, beside a quarter of that at once', () => {
    expect(taken(configuredPace(100, 0), 0, SECOND).granted).toBe(124);
    const after = taken(configuredPace(100, 0), 0, SECOND).pace;
    expect(taken(after, SECOND, 2 * SECOND).granted).toBe(100);
  });

  it('never falls short of one message, however slow it is', () => {
    expect(takeTokens(configuredPace(0.01, 0), 5, 0)).toMatchObject({ granted: 1, waitMs: 100 * SECOND });
  });

  it('says when there is another one', () => {
    const { pace, waitMs } = takeTokens(configuredPace(4, 0), 10, 0);
    expect(waitMs).toBe(250);
    expect(takeTokens(pace, 1, 249).granted).toBe(0);
    expect(takeTokens(pace, 1, 250).granted).toBe(1);
  });

  it('saves up no more than a quarter of a second, however long nobody asks', () => {
    expect(takeTokens(configuredPace(100, 0), 1_000, HOUR).granted).toBe(25);
  });

  it('is never exceeded, whoever asks when and for how many', () => {
    const asks = fc.array(fc.record({ after: fc.nat(300), want: fc.nat(40) }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 500, noNaN: true }), asks, (rate, all) => {
        let [pace, now, granted] = [configuredPace(rate, 0), 0, 0];
        for (const { after, want } of all) {
          now += after;
          const answer = takeTokens(pace, want, now);
          expect(answer.granted).toBeLessThanOrEqual(want);
          granted += answer.granted;
          pace = answer.pace;
        }
        expect(granted).toBeLessThanOrEqual(Math.max(1, rate / 4) + (rate * now) / SECOND + 1e-3);
      }),
    );
  });
});

describe('a provider that asks for less', () => {
  const complaint = { began: 0, retryAfterMs: 3_000, observed: 80 };

  it('is left alone until then, and asked half as often from then on', () => {
    const pace = slowedDown(null, complaint, 100);
    expect(takeTokens(pace, 10, 100)).toMatchObject({ granted: 0, waitMs: 3_000 });
    expect(takeTokens(pace, 10, 3_099)).toMatchObject({ granted: 0, waitMs: 1 });
    expect(taken(pace, 3_100, 4_100).granted).toBeCloseTo(40, -1);
  });

  it('is left alone for a second when it does not say for how long', () => {
    expect(takeTokens(slowedDown(null, { ...complaint, retryAfterMs: undefined }, 0), 1, 0).waitMs).toBe(
      SECOND,
    );
  });

  it('bars nobody for more than an hour, whatever it says', () => {
    expect(takeTokens(slowedDown(null, { ...complaint, retryAfterMs: 1e15 }, 0), 1, 0).waitMs).toBe(HOUR);
  });

  it('is heard once for everything that was on its way together, and the longest bar counts', () => {
    const first = slowedDown(null, complaint, 100);
    const second = slowedDown(first, { ...complaint, began: 90, retryAfterMs: 500 }, 110);
    const third = slowedDown(second, { ...complaint, began: 95, retryAfterMs: 9_000 }, 120);
    expect([second, third]).toMatchObject([
      { rate: 40, at: 3_100 },
      { rate: 40, at: 9_120 },
    ]);
  });

  it('is heard again when it says so of what left after the bar', () => {
    const first = slowedDown(null, complaint, 0);
    expect(slowedDown(first, { ...complaint, began: 3_000 }, 3_010).rate).toBeCloseTo(20);
  });

  it('is never asked less often than once in ten seconds', () => {
    let pace = slowedDown(null, { ...complaint, observed: 1 }, 0);
    for (let n = 1; n < 20; n += 1) pace = slowedDown(pace, { ...complaint, began: pace.at }, pace.at);
    expect(pace.rate).toBe(SLOWEST_RATE);
  });

  it('is asked twice as often after each minute without another complaint, and freely after five', () => {
    const pace = slowedDown(null, complaint, 0);
    const later = (minutes: number): number => takeTokens(pace, 0, pace.at + minutes * MINUTE).pace.rate;
    expect([0, 1, 2, 4].map(later).map(Math.round)).toEqual([40, 80, 160, 640]);
    expect(isForgotten(pace, pace.at + FORGETS_AFTER - 1)).toBe(false);
    expect(isForgotten(pace, pace.at + FORGETS_AFTER)).toBe(true);
    expect(slowedDown(pace, { ...complaint, observed: 500 }, pace.at + FORGETS_AFTER).rate).toBe(250);
  });

  it('grows by no more for being asked often', () => {
    const pace = slowedDown(null, { ...complaint, retryAfterMs: 0 }, 0);
    expect(taken(pace, 0, MINUTE + 1).pace.rate).toBeCloseTo(80);
  });
});

it('a configured rate is never forgotten', () => {
  expect(isForgotten(configuredPace(5, 0), 1e12)).toBe(false);
});
