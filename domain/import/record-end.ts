import { MAX_RECORD_BYTES } from './format';
import type { FileFormat } from './format';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** Where a record ends. */
export interface RecordEnd {
  /** Offset behind it, its line break included. */
  readonly end: number;
  /** Line breaks within it and at its end; none at the end of a file that does not end with one. */
  readonly lines: number;
  /**
   * `unreadable`: its quotes are not those of RFC 4180, and it ends at its first line break. `too-long`: no line break
   * within MAX_RECORD_BYTES, and `end` is only as far as was looked.
   */
  readonly kind: 'record' | 'blank' | 'unreadable' | 'too-long';
}

/**
 * Finds the end of the record that starts at `start`, in bytes of UTF-8. A stray quote costs its own line only: the
 * search for its partner is given up, and what follows the line is read again as records of its own.
 * @param ended whether nothing comes after `bytes`.
 * @returns null when more bytes are needed to tell.
 */
export function endOfRecord(
  bytes: Uint8Array,
  start: number,
  format: FileFormat,
  ended: boolean,
): RecordEnd | null {
  switch (format) {
    case 'csv':
      return endOfCsvRecord(bytes, start, ended);
    case 'ndjson':
      return endOfLine(bytes, start, ended);
  }
}

function endOfLine(bytes: Uint8Array, start: number, ended: boolean): RecordEnd | null {
  const found = bytes.indexOf(NEWLINE, start);
  const length = (found < 0 ? bytes.length : found) - start;
  if (length > MAX_RECORD_BYTES) return { end: start + MAX_RECORD_BYTES, lines: 0, kind: 'too-long' };
  if (found >= 0) return lineTo(bytes, start, found + 1, 1, 'record');
  return ended ? lineTo(bytes, start, bytes.length, 0, 'record') : null;
}

/** Where the search stands within a field. */
type Place = 'start' | 'plain' | 'quoted' | 'closed';

function endOfCsvRecord(bytes: Uint8Array, start: number, ended: boolean): RecordEnd | null {
  let place: Place = 'start';
  let lines = 0;
  let firstBreak = -1;
  let stray = false;
  const limit = Math.min(bytes.length, start + MAX_RECORD_BYTES);
  for (let at = start; at < limit; at += 1) {
    const byte = bytes[at];
    if (byte === NEWLINE) {
      lines += 1;
      if (firstBreak < 0) firstBreak = at;
      if (place !== 'quoted') return lineTo(bytes, start, at + 1, lines, stray ? 'unreadable' : 'record');
      continue;
    }
    switch (place) {
      case 'start':
        if (byte === QUOTE) place = 'quoted';
        else if (byte !== COMMA) place = 'plain';
        break;
      case 'plain':
        if (byte === COMMA) place = 'start';
        else if (byte === QUOTE) stray = true;
        break;
      case 'quoted':
        if (byte === QUOTE) place = 'closed';
        break;
      case 'closed':
        if (byte === QUOTE) place = 'quoted';
        else if (byte === COMMA) place = 'start';
        else if (byte !== RETURN) {
          if (firstBreak >= 0) return lineTo(bytes, start, firstBreak + 1, 1, 'unreadable');
          stray = true;
          place = 'plain';
        }
    }
  }
  const tooLong = limit < bytes.length;
  if (!ended && !tooLong) return null;
  // A quote that is never closed, or only far beyond what a record may hold.
  if (firstBreak >= 0) return lineTo(bytes, start, firstBreak + 1, 1, 'unreadable');
  if (tooLong) return { end: limit, lines: 0, kind: 'too-long' };
  return lineTo(bytes, start, limit, 0, place === 'quoted' || stray ? 'unreadable' : 'record');
}

function lineTo(
  bytes: Uint8Array,
  start: number,
  end: number,
  lines: number,
  kind: 'record' | 'unreadable',
): RecordEnd {
  return { end, lines, kind: isBlank(bytes, start, end) ? 'blank' : kind };
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] !== NEWLINE && bytes[at] !== RETURN) return false;
  return true;
}
