import { isUtf8 } from 'node:buffer';
import type { ImportedRecipient, JudgedRecipient } from '../domain/import/imported-recipient';
import { documentOfRow } from '../domain/import/csv-row';
import { endOfRecord } from '../domain/import/record-end';
import type { RowError } from '../domain/import/row-codes';
import type { ImportSpec } from '../domain/import/spec';
import { readCells } from '../platform/csv';

/** What became of the rows of a block before anything is written. */
export interface JudgedBlock {
  /** No id twice: of rows with the same id the last one is left. */
  readonly people: readonly (ImportedRecipient & { readonly line: number })[];
  readonly errors: readonly RowError[];
  readonly rows: number;
  readonly failed: number;
}

/** A wrong row has a few reasons; a file of wrong rows must not become a larger one. */
const MOST_REASONS = 10;

/** Rows that are judged before `rest`, so that nothing else in the process waits for long. */
const ROWS_AT_ONCE = 50;

type Judge = (document: unknown) => JudgedRecipient;

export async function judgeBlock(
  bytes: Buffer,
  firstLine: number,
  spec: ImportSpec,
  judge: Judge,
  rest: () => Promise<void>,
): Promise<JudgedBlock> {
  const people = new Map<string, ImportedRecipient & { line: number }>();
  const errors: RowError[] = [];
  let rows = 0;
  let failed = 0;
  for (const record of recordsOf(bytes, firstLine, spec)) {
    if (rows % ROWS_AT_ONCE === 0) await rest();
    rows += 1;
    const { line } = record;
    const judged = judgeRecord(record, spec, judge);
    if (judged.kind === 'refused') {
      failed += 1;
      errors.push(...judged.errors.slice(0, MOST_REASONS));
      continue;
    }
    const { id } = judged.recipient;
    const before = people.get(id);
    if (before) errors.push(superseded(before.line, line));
    people.set(id, { ...judged.recipient, line });
  }
  return { people: [...people.values()], errors, rows, failed };
}

function superseded(line: number, by: number): RowError {
  const reason = `line ${by} has the same id and counts`;
  return { line, column: 'id', code: 'row.superseded', reason };
}

/** A record as it was read: its cells or its text, or why there are none. */
type FileRecord =
  | { readonly kind: 'cells'; readonly line: number; readonly cells: readonly string[] }
  | { readonly kind: 'text'; readonly line: number; readonly text: string }
  | { readonly kind: 'broken'; readonly line: number; readonly error: Omit<RowError, 'line'> };

interface RecordBytes {
  readonly line: number;
  readonly bytes: Buffer;
}

/** Every record that is not blank, in order. */
function* recordsOf(bytes: Buffer, firstLine: number, spec: ImportSpec): Generator<FileRecord> {
  const sound = isUtf8(bytes);
  let run: RecordBytes[] = [];
  let line = firstLine;
  for (let at = 0; at < bytes.length;) {
    const found = endOfRecord(bytes, at, spec.format, true) ?? {
      end: bytes.length,
      lines: 0,
      kind: 'unreadable',
    };
    const record = { line, bytes: bytes.subarray(at, found.end) };
    at = found.end;
    line += found.lines;
    if (found.kind === 'blank') continue;
    const error =
      found.kind === 'record'
        ? sound || isUtf8(record.bytes)
          ? null
          : encodingError(record.bytes, spec)
        : UNREADABLE_CSV;
    if (error === null) {
      run.push(record);
    } else {
      yield* readRun(run, spec);
      run = [];
      yield { kind: 'broken', line: record.line, error };
    }
  }
  yield* readRun(run, spec);
}

/** Records that lie side by side are read in one go. */
function* readRun(run: readonly RecordBytes[], spec: ImportSpec): Generator<FileRecord> {
  if (spec.format === 'ndjson') {
    for (const { line, bytes } of run) yield { kind: 'text', line, text: bytes.toString('utf8') };
    return;
  }
  const all = readCells(Buffer.concat(run.map(({ bytes }) => bytes)));
  if (all.length !== run.length) throw new Error(`${run.length} records were read as ${all.length}.`);
  for (const [index, cells] of all.entries()) yield { kind: 'cells', line: run[index]?.line ?? 0, cells };
}

const UNREADABLE_CSV = {
  column: null,
  code: 'row.unreadable',
  reason: 'a quote stands within a field or is not closed, or text follows a closing quote',
} as const;

/** Every byte is a character of Latin-1: so the cell can be found in which it is none of UTF-8. */
function encodingError(bytes: Buffer, spec: ImportSpec): Omit<RowError, 'line'> {
  const code = 'row.encoding';
  const reason = 'is not UTF-8: save the file as UTF-8';
  if (spec.format === 'ndjson') return { column: null, code, reason };
  const [cells = []] = readCells(bytes, 'latin1');
  const wrong = cells.findIndex((cell) => !isUtf8(Buffer.from(cell, 'latin1')));
  return { column: shownColumn(spec.header[wrong]), code, reason };
}

type JudgedRecord =
  | { readonly kind: 'ok'; readonly recipient: ImportedRecipient }
  | { readonly kind: 'refused'; readonly errors: readonly RowError[] };

function judgeRecord(record: FileRecord, spec: ImportSpec, judge: Judge): JudgedRecord {
  const { line } = record;
  switch (record.kind) {
    case 'broken':
      return { kind: 'refused', errors: [{ line, ...record.error }] };
    case 'text':
      return judgeText(line, record.text, judge, spec);
    case 'cells': {
      if (spec.format === 'ndjson') throw new Error('A file of JSON lines has no cells.');
      const row = documentOfRow(spec.columns, record.cells);
      const judged = row.kind === 'document' ? judgeDocument(line, row.document, judge, spec) : null;
      if (judged?.kind === 'ok' && row.errors.length === 0) return judged;
      const errors = row.errors.map(({ cell, code, reason }): RowError => {
        const column = cell === null ? null : shownColumn(spec.header[cell]);
        return { line, column, code, reason };
      });
      if (judged?.kind === 'refused') errors.push(...judged.errors);
      return { kind: 'refused', errors };
    }
  }
}

function judgeText(line: number, text: string, judge: Judge, spec: ImportSpec): JudgedRecord {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    const reason = 'is not valid JSON: each line must be one object';
    return { kind: 'refused', errors: [{ line, column: null, code: 'row.unreadable', reason }] };
  }
  return judgeDocument(line, document, judge, spec);
}

function judgeDocument(line: number, document: unknown, judge: Judge, spec: ImportSpec): JudgedRecord {
  const judged = judge(document);
  if (judged.kind === 'ok') return judged;
  const errors = judged.errors.map(({ path, code, reason }) => {
    const [field, attribute] = path;
    const column = field === 'attributes' && attribute !== undefined ? columnOf(attribute, spec) : field;
    return { line, column: shownColumn(column), code, reason };
  });
  return { kind: 'refused', errors };
}

/** As the header has it: an attribute `visits` may stand in a column `visits:number`. */
function columnOf(attribute: string, spec: ImportSpec): string {
  if (spec.format === 'ndjson') return attribute;
  const at = spec.columns.findIndex((column) => column.kind === 'attribute' && column.name === attribute);
  return spec.header[at] ?? attribute;
}

/** A name comes from the file, and may be an address where columns or quotes have slipped. */
function shownColumn(name: string | undefined): string | null {
  return name === undefined || /@|\d{5}/.test(name) ? null : name.slice(0, 200);
}
