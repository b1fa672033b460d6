import { isUtf8 } from 'node:buffer';
import { readHeader } from '../../domain/import/csv-columns';
import { MAX_RECORD_BYTES } from '../../domain/import/format';
import type { FileFormat } from '../../domain/import/format';
import { endOfRecord } from '../../domain/import/record-end';
import type { ImportSpec } from '../../domain/import/spec';
import { readCells } from '../../platform/csv';
import { ApiError, invalidRequest } from '../errors/problem';

/** People a block: what one transaction of the job writes. Few enough to be shown as progress several times a second. */
const BLOCK_ROWS = 1_000;
const BLOCK_BYTES = 1_048_576;

/** Whole records of a file. */
export interface FileBlock {
  readonly seq: number;
  /** Of its first record. */
  readonly firstLine: number;
  readonly rows: number;
  readonly bytes: Buffer;
}

export interface StagedFile {
  readonly spec: ImportSpec;
  readonly blocks: number;
  readonly rows: number;
}

/**
 * Cuts a file into blocks of whole records while it comes in, and hands each on before it reads further: never more
 * than a block and a piece is held.
 * @throws ApiError when the file is empty, is no UTF-8 text, has a line without end, or a header that cannot be used.
 */
export async function stageFile(
  format: FileFormat,
  pieces: AsyncIterable<Buffer>,
  keep: (block: FileBlock) => Promise<void>,
): Promise<StagedFile> {
  const cutter = new BlockCutter(format, keep);
  for await (const piece of pieces) await cutter.add(piece);
  return cutter.end();
}

class BlockCutter {
  private spec: ImportSpec | null;
  /** What was not handed on yet; begins with the first record of the next block. */
  private held = Buffer.alloc(0);
  /** Offset in `held` of the record to look at next, the line that it starts in, and the records before it. */
  private at = 0;
  private line = 1;
  private rowsHeld = 0;
  private firstLine = 1;
  private begun = false;
  private seq = 0;
  private rows = 0;

  constructor(
    private readonly format: FileFormat,
    private readonly keep: (block: FileBlock) => Promise<void>,
  ) {
    this.spec = format === 'ndjson' ? { format } : null;
  }

  async add(piece: Buffer): Promise<void> {
    this.held = Buffer.concat([this.held, piece]);
    if (!this.begun && this.held.length < 3) return;
    await this.cut('more');
  }

  async end(): Promise<StagedFile> {
    await this.cut('ended');
    await this.handOn();
    if (this.spec === null || (this.format === 'ndjson' && this.rows === 0)) {
      throw new ApiError('body.missing', 'The file is empty.');
    }
    return { spec: this.spec, blocks: this.seq, rows: this.rows };
  }

  private async cut(state: 'more' | 'ended'): Promise<void> {
    this.begin();
    while (this.at < this.held.length) {
      const found = endOfRecord(this.held, this.at, this.format, state === 'ended');
      if (found === null) return;
      if (found.kind === 'too-long') throw this.refusal(`is longer than ${MAX_RECORD_BYTES} bytes`);
      const inBody = this.spec !== null;
      if (found.kind !== 'blank') {
        if (inBody) this.rowsHeld += 1;
        else this.spec = headerOf(this.held.subarray(this.at, found.end), found.kind);
      }
      this.at = found.end;
      this.line += found.lines;
      if (!inBody || this.rowsHeld === BLOCK_ROWS || this.at >= BLOCK_BYTES) await this.handOn();
    }
  }

  /** Spreadsheets like to put a byte order mark in front. */
  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    const [first, second] = this.held;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      throw invalidRequest([
        { pointer: '', code: 'row.encoding', message: 'the file is in UTF-16: save it as UTF-8' },
      ]);
    }
    if (this.held.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf))) this.held = this.held.subarray(3);
  }

  private async handOn(): Promise<void> {
    if (this.rowsHeld > 0) {
      const { seq, firstLine, rowsHeld: rows } = this;
      await this.keep({ seq, firstLine, rows, bytes: this.held.subarray(0, this.at) });
      this.seq += 1;
      this.rows += rows;
    }
    this.held = this.held.subarray(this.at);
    this.at = 0;
    this.rowsHeld = 0;
    this.firstLine = this.line;
  }

  private refusal(sentence: string): ApiError {
    const message = `line ${this.line}: ${sentence}: is this the right kind of file?`;
    return invalidRequest([{ pointer: '', code: 'field.too-large', message }]);
  }
}

/** @throws ApiError when it cannot be used. */
function headerOf(bytes: Buffer, kind: 'record' | 'unreadable'): ImportSpec {
  const broken =
    kind === 'unreadable'
      ? { code: 'row.unreadable', message: 'the header cannot be read: its quotes are out of place' }
      : isUtf8(bytes)
        ? null
        : { code: 'row.encoding', message: 'the header is not UTF-8: save the file as UTF-8' };
  if (broken) throw invalidRequest([{ pointer: '/header', ...broken }]);
  const [cells = []] = readCells(bytes);
  const read = readHeader(cells);
  if (read.kind === 'refused') throw invalidRequest(read.errors);
  return { format: 'csv', columns: read.columns, header: cells.map((name) => name.trim()) };
}
