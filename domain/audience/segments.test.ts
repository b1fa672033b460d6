import type { AudienceCondition, AudienceLeaf } from './condition';
import { excessOf, expandSegments, segmentsIn } from './segments';

const is = (value: string): AudienceLeaf => ({ kind: 'attribute', attribute: 'plan', op: 'equals', value });
const segment = (id: string): AudienceCondition => ({ kind: 'segment', id });
const any = (...of: AudienceCondition[]): AudienceCondition => ({ kind: 'any', of });
const not = (of: AudienceCondition): AudienceCondition => ({ kind: 'not', of });

/** Each asks for the one before it twice. */
const doubling = (count: number): Map<string, AudienceCondition> =>
  new Map(
    Array.from({ length: count }, (_, index) => [
      `s${index}`,
      index === 0 ? is('x') : any(segment(`s${index - 1}`), segment(`s${index - 1}`)),
    ]),
  );

/** Each stands within the next. */
const nested = (count: number): Map<string, AudienceCondition> =>
  new Map(
    Array.from({ length: count }, (_, index) => [
      `s${index}`,
      index === 0 ? is('x') : segment(`s${index - 1}`),
    ]),
  );

describe('a segment', () => {
  it('stands for its condition wherever it is asked for, within others too', () => {
    const segments = new Map([
      ['a', any(is('x'), segment('b'))],
      ['b', not(is('y'))],
    ]);
    expect(expandSegments(not(segment('a')), segments)).toEqual(not(any(is('x'), not(is('y')))));
  });

  it('that is not known, or asks for itself, holds nobody', () => {
    const nobody = not({ kind: 'everyone' });
    expect(expandSegments(segment('gone'), new Map())).toEqual(nobody);
    expect(expandSegments(segment('a'), new Map([['a', any(segment('a'), is('x'))]]))).toEqual(
      any(nobody, is('x')),
    );
  });

  it('is named once, however often it is asked for', () => {
    expect(segmentsIn(any(segment('a'), not(segment('b')), segment('a'), is('x')))).toEqual(['a', 'b']);
  });
});

describe('segments within segments', () => {
  it('are refused in a circle, long or short', () => {
    const circle = new Map([
      ['a', segment('b')],
      ['b', any(is('x'), segment('c'))],
      ['c', not(segment('a'))],
    ]);
    expect(excessOf(segment('b'), circle, 'a')).toBe('cycle');
    expect(excessOf(segment('b'), circle, null)).toBe('cycle');
    expect(excessOf(segment('a'), new Map(), 'a')).toBe('cycle');
    expect(
      excessOf(
        any(segment('c'), segment('d')),
        new Map([
          ['c', segment('d')],
          ['d', is('x')],
        ]),
        'a',
      ),
    ).toBeNull();
  });

  it('stand at most eight deep', () => {
    expect(excessOf(segment('s7'), nested(9), null)).toBeNull();
    expect(excessOf(segment('s8'), nested(9), null)).toBe('too-deep');
  });

  it('are bounded as they are when written out, and measured without doing so', () => {
    expect(excessOf(any(segment('s6'), segment('s6')), doubling(8), null)).toBeNull();
    const wide = any(...Array.from({ length: 8 }, () => segment('s7')));
    expect(excessOf(wide, doubling(8), null)).toBe('too-large');
    expect(excessOf(segment('s39'), doubling(40), null)).toBe('too-deep');
    const list: AudienceCondition = {
      kind: 'people',
      rids: Array.from({ length: 10_000 }, (_, index) => String(index)),
      ids: [],
    };
    const lists = any(...Array.from({ length: 11 }, () => segment('list')));
    expect(excessOf(lists, new Map([['list', list]]), null)).toBe('too-large');
  });
});
