import { readCells } from './csv';

const cells = (text: string): string[][] => readCells(Buffer.from(text));

describe('the cells of CSV', () => {
  it.each([
    [
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,,\n,\n',
      [
        ['a', '', ''],
        ['', ''],
      ],
    ],
    ['a\n\n\r\nb\n', [['a'], ['b']]],
    ['"a"\n', [['a']]],
    ['"a,b","c\nd","e""f",""\n', [['a,b', 'c\nd', 'e"f', '']]],
    [
      'a,"b"\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['"a"\n\nb,c\n', [['a'], ['b', 'c']]],
    ['ä,"ß€😀"\n', [['ä', 'ß€😀']]],
  ])('of %j are %j', (text, expected) => {
    expect(cells(text)).toEqual(expected);
  });

  it('are refused when a quote is out of place', () => {
    expect(() => cells('a,b"c\n')).toThrow('Invalid Opening Quote');
    expect(() => cells('"a\n')).toThrow('Quote Not Closed');
  });

  it('can be read as bytes, a character each', () => {
    expect(readCells(Buffer.from([0x61, 0x2c, 0xe4, 0x0a]), 'latin1')).toEqual([['a', 'ä']]);
    expect(readCells(Buffer.from([0x22, 0xe4, 0x22, 0x0a]), 'latin1')).toEqual([['ä']]);
  });
});
