import { documentOfRow } from './csv-row';
import type { CsvColumn } from './csv-columns';

const columns: CsvColumn[] = [
  { kind: 'id' },
  { kind: 'field', name: 'email' },
  { kind: 'attribute', name: 'plan', type: 'text' },
  { kind: 'attribute', name: 'visits', type: 'number' },
  { kind: 'attribute', name: 'vip', type: 'boolean' },
  { kind: 'ignored' },
];

describe('a row of CSV', () => {
  it('becomes what PUT would be sent', () => {
    expect(documentOfRow(columns, ['ada', 'ada@example.com', '007', '-1.5e3', 'TRUE', 'x'])).toEqual({
      kind: 'document',
      document: {
        id: 'ada',
        email: 'ada@example.com',
        attributes: { plan: '007', visits: -1_500, vip: true },
      },
      errors: [],
    });
  });

  it('says nothing with an empty cell', () => {
    expect(documentOfRow(columns, ['ada', '', '', '', '', ''])).toEqual({
      kind: 'document',
      document: { id: 'ada', attributes: {} },
      errors: [],
    });
  });

  it.each([
    [['ada'], [{ cell: null, code: 'row.columns', reason: 'has 1 cell where the header names 6 columns' }]],
    [
      ['a', 'b', 'c', '1', 'true', 'f', 'g'],
      [{ cell: null, code: 'row.columns', reason: 'has 7 cells where the header names 6 columns' }],
    ],
  ])('%j is refused', (cells, errors) => {
    expect(documentOfRow(columns, cells)).toEqual({ kind: 'refused', errors });
  });

  it('leaves out cells that are not of their kind, and tells of each', () => {
    expect(documentOfRow(columns, ['ada', 'nope', 'free', '1,5', 'yes', ''])).toEqual({
      kind: 'document',
      document: { id: 'ada', email: 'nope', attributes: { plan: 'free' } },
      errors: [
        { cell: 3, code: 'field.type', reason: 'must be a number such as 42 or -1.5' },
        { cell: 4, code: 'field.type', reason: 'must be true or false' },
      ],
    });
  });

  it.each(['0x10', ' 1', '1e', '١'])('takes %j for no number', (text) => {
    const row = documentOfRow(columns, ['ada', '', '', text, '', '']);
    expect(row.kind === 'document' && row.errors).toEqual([expect.objectContaining({ cell: 3 })]);
  });
});
