import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECOND } from '../../domain/time/instant';
import { wallTimeFromSeconds } from '../../domain/time/wall-time';
import { zones } from './shipped-zones';

/** The format is described in `oracle.py`, which wrote the file. */
interface Oracle {
  readonly version: string;
  readonly grid: readonly number[];
  readonly names: Readonly<Record<string, number>>;
  readonly answers: readonly {
    readonly offsets: readonly number[];
    readonly walls: readonly (readonly [wall: number, before: number, after?: number])[];
  }[];
}

const oracle: Oracle = JSON.parse(
  readFileSync(process.env['SUNDIAL_ZONE_ORACLE'] ?? join(__dirname, 'oracle.json'), 'utf8'),
);

// The whole comparison (`oracle.py --every`) has twelve million answers.
jest.setTimeout(600_000);

/** Plain loops rather than a matcher for each of some hundred thousand answers; the differences are the failure. */
function differences(
  check: (name: string, entry: Oracle['answers'][number]) => readonly string[],
): readonly string[] {
  return Object.entries(oracle.names).flatMap(([name, n]) => {
    const entry = oracle.answers[n];
    return entry === undefined ? [`${name}: no answers`] : check(name, entry);
  });
}

describe("Python's zoneinfo, reading the same release, agrees", () => {
  test('on the release and on every accepted name', () => {
    expect(oracle.version).toBe(zones.version);
    expect(Object.keys(oracle.names).toSorted()).toEqual(zones.names());
  });

  test('on the offset of every name over six centuries', () => {
    expect(
      differences((name, { offsets }) =>
        oracle.grid.flatMap((at, n) => {
          const offset = zones.offsetAt(name, at * SECOND);
          return offset === offsets[n] ? [] : [`${name} at ${at}: ${offset}, not ${offsets[n]}`];
        }),
      ),
    ).toEqual([]);
  });

  test('on the instants of wall times around the changes of every name', () => {
    expect(
      differences((name, { walls }) =>
        walls.flatMap(([wall, before, after = before]) => {
          const expected =
            before === after ? [wall - before] : before > after ? [wall - before, wall - after] : [];
          const instants = String(zones.instantsOf(name, wallTimeFromSeconds(wall)).map((at) => at / SECOND));
          return instants === String(expected)
            ? []
            : [`${name}, wall ${wall}: ${instants}, not ${String(expected)}`];
        }),
      ),
    ).toEqual([]);
  });

  test('on what a gap or an overlap becomes', () => {
    expect(
      differences((name, { walls }) =>
        walls.flatMap(([wall, before, after]) => {
          if (after === undefined) return [];
          const placed = (gap: 'forward' | 'backward', overlap: 'first' | 'second'): number =>
            zones.instantOf(name, wallTimeFromSeconds(wall), { gap, overlap }).at / SECOND;
          // Both folds of PEP 495: the first reads the offset before the change, the second the one after it.
          return placed('forward', 'first') === wall - before && placed('backward', 'second') === wall - after
            ? []
            : [`${name}, wall ${wall}`];
        }),
      ),
    ).toEqual([]);
  });
});
