import { MAX_RECORD_BYTES } from './format';
import { endOfRecord } from './record-end';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Every record of a file as `kind: text`, line breaks shown. */
function recordsOf(text: string, format: 'csv' | 'ndjson' = 'csv'): string[] {
  const bytes = bytesOf(text);
  const found: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const record = endOfRecord(bytes, at, format, true);
    if (!record) throw new Error(`no end of the record at ${at}`);
    found.push(`${record.kind}/${record.lines}: ${new TextDecoder().decode(bytes.subarray(at, record.end))}`);
    at = record.end;
  }
  return found;
}

describe('a record of CSV', () => {
  it('ends with its line, whatever ends that', () => {
    expect(recordsOf('a,b\nc,d\r\n\r\n\ne,f')).toEqual([
      'record/1: a,b\n',
      'record/1: c,d\r\n',
      'blank/1: \r\n',
      'blank/1: \n',
      'record/0: e,f',
    ]);
  });

  it('goes over several lines within quotes', () => {
    expect(recordsOf('a,"b\n""c"",\r\nd",e\nf')).toEqual(['record/3: a,"b\n""c"",\r\nd",e\n', 'record/0: f']);
    expect(recordsOf('"a"\r\n""\n')).toEqual(['record/1: "a"\r\n', 'record/1: ""\n']);
  });

  it.each([
    ['a quote within a field', 'a,b"c\nd,e\n', ['unreadable/1: a,b"c\n', 'record/1: d,e\n']],
    [
      'a quote that is never closed',
      'a,"b\nc,d\ne,f\n',
      ['unreadable/1: a,"b\n', 'record/1: c,d\n', 'record/1: e,f\n'],
    ],
    ['text behind a closing quote', 'a,"b"c\nd\n', ['unreadable/1: a,"b"c\n', 'record/1: d\n']],
    [
      'a quote that closes in the middle of a later line',
      'a,"b\nc,d"e\nf,g\n',
      ['unreadable/1: a,"b\n', 'unreadable/1: c,d"e\n', 'record/1: f,g\n'],
    ],
    [
      'a line break of its own behind a closing quote',
      '"a"\rb\nc\n',
      ['unreadable/1: "a"\rb\n', 'record/1: c\n'],
    ],
    [
      'a quote that closes at the end of the file, and half a line break',
      'a\n"b"\r',
      ['record/1: a\n', 'unreadable/0: "b"\r'],
    ],
    ['a second quote behind the first', 'a"b,"c\nd\n', ['unreadable/1: a"b,"c\n', 'record/1: d\n']],
    ['a lone quote at the end of the file', 'a\n"', ['record/1: a\n', 'unreadable/0: "']],
  ])('costs its own line only when it has %s', (_what, text, expected) => {
    expect(recordsOf(text)).toEqual(expected);
  });

  it('is unreadable when its quote closes only beyond what a record may hold', () => {
    const far = 'x\n'.repeat(MAX_RECORD_BYTES / 2);
    const [first, second, ...others] = recordsOf(`a,"b\n${far}c",d\n`);
    expect([first, second]).toEqual(['unreadable/1: a,"b\n', 'record/1: x\n']);
    expect(others.at(-1)).toBe('unreadable/1: c",d\n');
  });

  it('is not judged before all of it is there', () => {
    for (const text of ['a,b', 'a,"b\n', 'a,"b"', 'a,"b"\r']) {
      expect(endOfRecord(bytesOf(text), 0, 'csv', false)).toBeNull();
    }
    expect(endOfRecord(bytesOf('a,"b"\n'), 0, 'csv', false)).toMatchObject({ end: 6 });
  });

  it('is too long when no line ends within the limit', () => {
    const text = 'x'.repeat(MAX_RECORD_BYTES + 1);
    for (const format of ['csv', 'ndjson'] as const) {
      expect(endOfRecord(bytesOf(text), 0, format, false)).toMatchObject({ kind: 'too-long' });
      expect(endOfRecord(bytesOf(`${text}\n`), 0, format, true)).toMatchObject({ kind: 'too-long' });
      expect(endOfRecord(bytesOf(`${text.slice(2)}\n`), 0, format, true)).toMatchObject({ kind: 'record' });
    }
  });
});

describe('a record of JSON lines', () => {
  it('is a line, whatever stands in it', () => {
    expect(recordsOf('{"a":"\\""}\n\n"\r\n{}', 'ndjson')).toEqual([
      'record/1: {"a":"\\""}\n',
      'blank/1: \n',
      'record/1: "\r\n',
      'record/0: {}',
    ]);
  });
});
