import * as fc from 'fast-check';
import { SECOND } from './instant';
import { wallTimeFromSeconds } from './wall-time';
import { zones } from '../../test/zones/shipped-zones';

const zone = fc.constantFrom(...zones.names());
const second = fc.integer({ min: Date.UTC(1880, 0) / SECOND, max: Date.UTC(2300, 0) / SECOND });
const changes = zones
  .names()
  .flatMap((name) =>
    zones.transitions(name, Date.UTC(1880, 0), Date.UTC(2060, 0)).map((transition) => ({ name, transition })),
  );
/** A zone and a wall time within two days of one of its changes, where the mistakes live. */
const nearChange = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -172_800, max: 172_800 }))
  .map(([{ name, transition }, away]) => ({
    name,
    wall: wallTimeFromSeconds(transition.at / SECOND + transition.offsetAfter + away),
  }));
const anywhere = fc
  .tuple(zone, second)
  .map(([name, seconds]) => ({ name, wall: wallTimeFromSeconds(seconds) }));
const place = fc.oneof(nearChange, anywhere);
const RUNS = { numRuns: 1_000 };

test('every instant of a wall time shows that wall time, and there are none, one or two', () => {
  fc.assert(
    fc.property(place, ({ name, wall }) => {
      const instants = zones.instantsOf(name, wall);
      expect(instants.length).toBeLessThanOrEqual(2);
      expect(instants.map((at) => zones.wallTimeAt(name, at))).toEqual(instants.map(() => wall));
    }),
    RUNS,
  );
});

test('every instant is among the instants of the wall time that it shows', () => {
  fc.assert(
    fc.property(place, ({ name, wall }) => {
      const at = wall * SECOND;
      expect(zones.instantsOf(name, zones.wallTimeAt(name, at))).toContain(at);
    }),
    RUNS,
  );
});

test('instants are ascending and distinct', () => {
  fc.assert(
    fc.property(place, ({ name, wall }) => {
      const [first, second_] = zones.instantsOf(name, wall);
      expect(first === undefined || second_ === undefined || first < second_).toBe(true);
    }),
    RUNS,
  );
});

test('a placement is unadjusted exactly when the wall time exists once', () => {
  fc.assert(
    fc.property(place, ({ name, wall }) => {
      const expected = ['gap', null, 'overlap'][zones.instantsOf(name, wall).length];
      expect(zones.instantOf(name, wall, { gap: 'forward', overlap: 'second' })).toMatchObject({
        adjusted: expected,
      });
    }),
    RUNS,
  );
});

test('in a gap, backward lies before the transition, forward at it or after, and all keep the wall time within the jump', () => {
  fc.assert(
    fc.property(nearChange, ({ name, wall }) => {
      fc.pre(zones.instantsOf(name, wall).length === 0);
      const at = (gap: 'forward' | 'backward' | 'at-transition' | 'skip'): number =>
        zones.instantOf(name, wall, { gap, overlap: 'first' }).at;
      expect(at('backward')).toBeLessThan(at('at-transition'));
      expect(at('forward')).toBeGreaterThanOrEqual(at('at-transition'));
      expect(at('skip')).toBe(at('at-transition'));
    }),
    { numRuns: 500, maxSkipsPerRun: 1_000 },
  );
});

test('a later wall time is never placed earlier, except across the second pass of an overlap', () => {
  fc.assert(
    fc.property(place, fc.integer({ min: 0, max: 172_800 }), ({ name, wall }, later) => {
      const first = { gap: 'at-transition', overlap: 'first' } as const;
      const one = zones.instantOf(name, wall, first).at;
      const other = zones.instantOf(name, wallTimeFromSeconds(wall + later), first).at;
      expect(other).toBeGreaterThanOrEqual(one);
    }),
    RUNS,
  );
});

test('the offset changes at transitions and nowhere else', () => {
  fc.assert(
    fc.property(zone, second, fc.integer({ min: 1, max: 40_000_000 }), (name, from, length) => {
      const start = from * SECOND;
      const end = (from + length) * SECOND;
      const steps = zones.transitions(name, start + 1, end + 1);
      const last = steps.reduce(
        (offset, step) => {
          expect(step.offsetBefore).toBe(offset);
          expect(step.offsetAfter).not.toBe(offset);
          return step.offsetAfter;
        },
        zones.offsetAt(name, start),
      );
      expect(zones.offsetAt(name, end)).toBe(last);
    }),
    { numRuns: 500 },
  );
});
