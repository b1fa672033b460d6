import fc from 'fast-check';
import { stageFile } from '../api/imports/stage';
import type { StagedFile } from '../api/imports/stage';
import type { JudgedRecipient } from '../domain/import/imported-recipient';
import { judgeBlock } from './import-block';

const rest = (): Promise<void> => Promise.resolve();

/** Takes whatever has an id, and keeps all of it. */
function judge(document: unknown): JudgedRecipient {
  const id: unknown = typeof document === 'object' && document !== null ? Reflect.get(document, 'id') : '';
  if (typeof id !== 'string') return { kind: 'refused', errors: [] };
  const profile = { email: null, phone: null, locale: null, timeZone: null, zone: null } as const;
  return { kind: 'ok', recipient: { id, profile: { ...profile, zoneSource: 'default', attributes: {} } } };
}

/** Stages a file in pieces of so many bytes, and judges its blocks. */
async function read(
  file: Buffer,
  size: number,
): Promise<{ staged: StagedFile; rows: number; failed: number; seen: string[] }> {
  const blocks: { bytes: Buffer; firstLine: number }[] = [];
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
  }
  const staged = await stageFile('csv', pieces(), async ({ bytes, firstLine }) => {
    blocks.push({ bytes: Buffer.from(bytes), firstLine });
  });
  let rows = 0;
  let failed = 0;
  const seen: string[] = [];
  for (const { bytes, firstLine } of blocks) {
    const judged = await judgeBlock(bytes, firstLine, staged.spec, judge, rest);
    rows += judged.rows;
    failed += judged.failed;
    seen.push(...judged.people.map(({ id, line }) => `${line}: ${id}`));
    seen.push(...judged.errors.map(({ line, code }) => `${line}: ${code}`));
  }
  return { staged, rows, failed, seen };
}

describe('a file of anything at all', () => {
  it('is read to its end, every row once, the same however it comes in', async () => {
    const anything = fc.string({
      unit: fc.constantFrom('a', 'b', ',', ',', '"', '"', '\n', '\n', '\r', '\r\n', 'é', '\u0000'),
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(anything, fc.integer({ min: 1, max: 20 }), async (text, size) => {
        const file = Buffer.from(`id,x\n${text}`);
        const whole = await read(file, file.length);
        expect(whole.rows).toBe(whole.staged.rows);
        expect(whole.seen.length).toBe(whole.rows);
        expect(await read(file, size)).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is read to its end when its bytes are no text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        const { staged, rows } = await read(Buffer.concat([Buffer.from('id\n'), bytes]), 7);
        expect(rows).toBe(staged.rows);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the lines that are told', () => {
  it('are those of the file, also behind records of several lines', async () => {
    const file = Buffer.from('\ufeffid,x\n\na,"1\n2\n3"\n\r\nb\nc,"x\nd,2\n', 'utf8');
    expect((await read(file, 5)).seen.toSorted()).toEqual([
      '3: a',
      '7: row.columns',
      '8: row.unreadable',
      '9: d',
    ]);
  });
});
