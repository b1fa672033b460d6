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
   * `unreadable`: its quotes are not those of RFC 4180; it ends with the line where that shows, or with its first line
   * when it cannot be trusted to have gone on. `too-long`: no line break within MAX_RECORD_BYTES, and `end` is only as
   * far as was looked.
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

/** Where the search stands within a field; `stray` is behind a quote that is out of place, to the end of the line. */
type Place = 'start' | 'plain' | 'quoted' | 'closed' | 'returned' | 'stray';

function endOfCsvRecord(bytes: Uint8Array, start: number, ended: boolean): RecordEnd | null {
  let place: Place = 'start';
  let lines = 0;
  let firstBreak = -1;
  const limit = Math.min(bytes.length, start + MAX_RECORD_BYTES);
  for (let at = start; at < limit; at += 1) {
    const byte = bytes[at];
    if (byte === NEWLINE) {
      lines += 1;
      if (firstBreak < 0) firstBreak = at;
      if (place !== 'quoted') {
        return lineTo(bytes, start, at + 1, lines, place === 'stray' ? 'unreadable' : 'record');
      }
    } else {
      const before: Place = place;
      place = nextPlace(place, byte);
      // Behind a closing quote: it may have been none, and the field begun lines ago at a quote that was none either.
      if (place === 'stray' && before !== 'stray' && before !== 'plain' && firstBreak >= 0) {
        return lineTo(bytes, start, firstBreak + 1, 1, 'unreadable');
      }
    }
  }
  const tooLong = limit < bytes.length;
  if (!ended && !tooLong) return null;
  // A quote that is never closed, or only far beyond what a record may hold.
  const open = place === 'quoted' || place === 'returned' || place === 'stray';
  if (firstBreak >= 0 && (open || tooLong)) return lineTo(bytes, start, firstBreak + 1, 1, 'unreadable');
  if (tooLong) return { end: limit, lines: 0, kind: 'too-long' };
  return lineTo(bytes, start, limit, lines, open ? 'unreadable' : 'record');
}

function nextPlace(place: Place, byte: number | undefined): Place {
  switch (place) {
    case 'start':
      return byte === QUOTE ? 'quoted' : byte === COMMA ? 'start' : 'plain';
    case 'plain':
      return byte === COMMA ? 'start' : byte === QUOTE ? 'stray' : 'plain';
    case 'quoted':
      return byte === QUOTE ? 'closed' : 'quoted';
    case 'closed':
      if (byte === RETURN) return 'returned';
      return byte === QUOTE ? 'quoted' : byte === COMMA ? 'start' : 'stray';
    case 'returned':
    case 'stray':
      return 'stray';
  }
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
