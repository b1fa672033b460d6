import { ApiError } from '../errors/problem';
import { stageFile } from './stage';
import type { FileBlock, StagedFile } from './stage';

interface Staged extends StagedFile {
  readonly kept: { seq: number; firstLine: number; rows: number; text: string }[];
}

/** Stages a file that comes in pieces of so many bytes. */
async function stage(
  file: string | Buffer,
  format: 'csv' | 'ndjson' = 'csv',
  size = 65_536,
): Promise<Staged> {
  const bytes = Buffer.from(file);
  const kept: Staged['kept'] = [];
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const keep = ({ bytes: held, ...block }: FileBlock): Promise<void> => {
    kept.push({ ...block, text: held.toString('utf8') });
    return Promise.resolve();
  };
  return { ...(await stageFile(format, pieces(), keep)), kept };
}

const refusal = async (file: string | Buffer, format: 'csv' | 'ndjson' = 'csv'): Promise<string> => {
  try {
    await stage(file, format);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
};

describe('a file that comes in', () => {
  it('is kept in blocks of whole records, each with its first line', async () => {
    const body = Array.from({ length: 2_500 }, (_, n) =>
      n % 700 === 0 ? `p${n},"two\nlines"\n` : `p${n},x\n`,
    );
    const { blocks, rows, kept, spec } = await stage(`id,plan\n\n${body.join('')}`);
    expect({ blocks, rows, spec }).toEqual({
      blocks: 3,
      rows: 2_500,
      spec: {
        format: 'csv',
        header: ['id', 'plan'],
        columns: [{ kind: 'id' }, { kind: 'attribute', name: 'plan', type: 'text' }],
      },
    });
    expect(kept.map(({ seq, firstLine, rows: count }) => [seq, firstLine, count])).toEqual([
      [0, 2, 1_000],
      [1, 1_005, 1_000],
      [2, 2_006, 500],
    ]);
    expect(kept.map(({ text }) => text.trimStart()).join('')).toBe(body.join(''));
  });

  it.each([1, 2, 3, 7, 64])('is the same in pieces of %i bytes', async (size) => {
    const file = '\ufeffid,first_name\r\nada,"Ä ""quoted""\r\nname"\r\n\r\nbob,"stray\r\neve,Ève\r\n';
    const whole = await stage(file);
    expect(await stage(file, 'csv', size)).toEqual(whole);
    expect(whole).toMatchObject({ blocks: 1, rows: 3 });
  });

  it('is kept in smaller blocks when its records are large', async () => {
    const person = JSON.stringify({ id: 'x', attributes: { note: 'n'.repeat(20_000) } });
    const { kept, rows } = await stage(`${person}\n`.repeat(200), 'ndjson');
    expect(rows).toBe(200);
    expect(kept.length).toBe(4);
  });

  it('may consist of a header alone, and of one line without an end', async () => {
    expect(await stage('id,plan')).toMatchObject({ blocks: 0, rows: 0 });
    expect(await stage('{"id":"a"}', 'ndjson')).toMatchObject({ blocks: 1, rows: 1 });
  });

  it.each([
    ['is empty', '', 'csv', /^body\.missing: The file is empty/],
    ['has only blank lines', '\ufeff\r\n\n', 'csv', /^body\.missing: The file is empty/],
    ['has only blank lines', '\n\n', 'ndjson', /^body\.missing: The file is empty/],
    ['has no id', 'email\na@example.com', 'csv', /^request\.invalid: the file has no column "id"/],
    [
      'has a column twice',
      'id,plan,plan\n',
      'csv',
      /^request\.invalid: column 3 of the header: is the same as column 2/,
    ],
    ['has a broken header', 'id,"plan\nada,x\n', 'csv', /^request\.invalid: the header cannot be read/],
    [
      'is in UTF-16',
      Buffer.from('\ufeffid,plan\n', 'utf16le'),
      'csv',
      /^request\.invalid: the file is in UTF-16/,
    ],
    [
      'has a header in Latin-1',
      Buffer.from('id,grösse\n', 'latin1'),
      'csv',
      /^request\.invalid: the header is not UTF-8/,
    ],
    [
      'has a line without end',
      `id\nada\n${'x'.repeat(300_000)}`,
      'csv',
      /^request\.invalid: line 3: is longer than/,
    ],
    ['is something else', Buffer.alloc(300_000, 0x20), 'ndjson', /^request\.invalid: line 1: is longer than/],
  ] as const)('is refused when it %s', async (_what, file, format, expected) => {
    expect(await refusal(file, format)).toMatch(expected);
  });
});
