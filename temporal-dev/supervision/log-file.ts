import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import path from 'node:path';

const ROTATE_AT_BYTES = 20_000_000;

/** Opens a part's log for appending; a large one is set aside first, so that two are kept at most. */
export function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > ROTATE_AT_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}

/** The last lines of a log, to say why a part did not come up. */
export function tail(file: string, lines: number): string {
  if (!existsSync(file)) return '';
  const size = statSync(file).size;
  const length = Math.min(size, 8_192);
  if (length === size) return lastOf(readFileSync(file, 'utf8'), lines);
  const buffer = Buffer.alloc(length);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, buffer, 0, length, size - length);
  closeSync(descriptor);
  return lastOf(buffer.toString('utf8'), lines);
}

function lastOf(text: string, lines: number): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
