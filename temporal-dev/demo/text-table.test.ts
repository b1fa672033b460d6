import { textTable } from './text-table';

it('makes each column of a table as wide as its widest cell', () => {
  const columns = [
    { title: 'zone', align: 'left' },
    { title: 'sent', align: 'right' },
  ] as const;
  const rows = [
    ['Asia/Tokyo', '2 of 2'],
    ['UTC', '1'],
  ];
  expect(textTable(columns, rows)).toEqual([
    'zone          sent',
    '──────────  ──────',
    'Asia/Tokyo  2 of 2',
    'UTC              1',
  ]);
});
