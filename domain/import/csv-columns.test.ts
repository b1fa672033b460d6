import { readHeader } from './csv-columns';

const columns = (...cells: string[]): unknown => {
  const read = readHeader(cells);
  return read.kind === 'ok' ? read.columns : read.errors;
};

const codes = (...cells: string[]): string[] => {
  const read = readHeader(cells);
  return read.kind === 'ok' ? [] : read.errors.map(({ pointer, code }) => `${pointer} ${code}`);
};

describe('the header of a file of people', () => {
  it('names fields of a person and attributes, in any order', () => {
    expect(columns('plan', 'id', ' email ', 'phone', 'locale', 'timeZone')).toEqual([
      { kind: 'attribute', name: 'plan', type: 'text' },
      { kind: 'id' },
      { kind: 'field', name: 'email' },
      { kind: 'field', name: 'phone' },
      { kind: 'field', name: 'locale' },
      { kind: 'field', name: 'timeZone' },
    ]);
  });

  it('says which attributes are numbers or booleans', () => {
    expect(columns('id', 'visits:number', 'vip:boolean', 'a:b')).toEqual([
      { kind: 'id' },
      { kind: 'attribute', name: 'visits', type: 'number' },
      { kind: 'attribute', name: 'vip', type: 'boolean' },
      { kind: 'attribute', name: 'a:b', type: 'text' },
    ]);
  });

  it('may hold what only we write, so that a list can be sent back', () => {
    expect(columns('id', 'createdAt', 'effectiveTimeZone')).toEqual([
      { kind: 'id' },
      { kind: 'ignored' },
      { kind: 'ignored' },
    ]);
  });

  it.each([
    ['has no id', ['email', 'plan'], ['/header field.required']],
    [
      'has a column twice',
      ['id', 'plan', 'plan:number', 'id'],
      ['/header/2 field.conflict', '/header/3 field.conflict'],
    ],
    ['has a column without a name', ['id', ''], ['/header/1 field.format']],
    [
      'only looks right',
      ['id', 'Email', 'time_zone'],
      ['/header/1 field.unknown', '/header/2 field.unknown'],
    ],
    [
      'has reserved names',
      ['id', 'constructor', '__proto__'],
      ['/header/1 name.reserved', '/header/2 name.reserved'],
    ],
    ['names what is not built', ['id', 'devices'], ['/header/1 field.not-built']],
    ['holds what cannot be stored', ['id', 'a\u0000'], ['/header/1 text.invalid']],
    ['has a name without end', ['id', 'x'.repeat(201)], ['/header/1 field.too-long']],
    ['has columns without end', Array.from({ length: 501 }, (_, n) => `c${n}`), ['/header field.too-long']],
  ])('is refused when it %s', (_what, cells, expected) => {
    expect(codes(...cells)).toEqual(expected);
  });

  it('that another separator divides is told so', () => {
    const messages = ['id;email', 'id\temail', 'ada'].map((cell) => {
      const read = readHeader([cell]);
      return read.kind === 'refused' ? read.errors.at(-1)?.message : '';
    });
    expect(messages[0]).toContain('commas, not semicolons');
    expect(messages[1]).toContain('commas, not tabs');
    expect(messages[2]).toMatch(/as in id,email,timeZone$/);
  });
});
