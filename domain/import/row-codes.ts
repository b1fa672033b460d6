import type { CodeEntry, FieldErrorCode } from '../validation/field-codes';

/** What can be wrong with a row of a file as a whole, or with a cell before it is a value. */
export const ROW_ERRORS = {
  'row.unreadable': {
    title: 'Row not readable',
    meaning:
      'The line is not CSV (RFC 4180) or not JSON: a quote stands alone, or text follows a closing quote.',
    fix: 'Put a field that holds commas, quotes or line breaks into quotes, and double the quotes within.',
  },
  'row.columns': {
    title: 'Wrong number of columns',
    meaning: 'The row has more or fewer cells than the header.',
    fix: 'Give every row a cell for every column, if only an empty one.',
  },
  'row.encoding': {
    title: 'Not UTF-8',
    meaning: 'The row holds bytes that are not UTF-8.',
    fix: 'Save the file as UTF-8.',
  },
  'row.superseded': {
    title: 'Superseded by a later row',
    meaning:
      'A later row of the same file has the same id. That one counts, and this one does not count as failed.',
    fix: 'Nothing, if the last row is right; otherwise leave one row for each id.',
  },
} as const satisfies Record<string, CodeEntry>;

export type RowErrorCode = keyof typeof ROW_ERRORS | FieldErrorCode;

/** What is wrong in a row. `reason` never repeats a value, which may be an address. */
export interface RowError {
  readonly line: number;
  /** Name of the column, or way to the field of a JSON object; null for the row as a whole. */
  readonly column: string | null;
  readonly code: string;
  readonly reason: string;
}
