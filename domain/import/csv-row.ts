import type { CsvColumn } from './csv-columns';
import type { RowErrorCode } from './row-codes';

export interface CellError {
  /** Number of the cell, from 0; null for the row as a whole. */
  readonly cell: number | null;
  readonly code: RowErrorCode;
  readonly reason: string;
}

export type CsvRow =
  /** `errors` are of cells that the document leaves out: the others can be judged all the same. */
  | {
      readonly kind: 'document';
      readonly document: Record<string, unknown>;
      readonly errors: readonly CellError[];
    }
  | { readonly kind: 'refused'; readonly errors: readonly CellError[] };

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

/** Makes of a row what `PUT` would be sent for the person, with their id. An empty cell says nothing. */
export function documentOfRow(columns: readonly CsvColumn[], cells: readonly string[]): CsvRow {
  if (cells.length !== columns.length) {
    const count = cells.length === 1 ? '1 cell' : `${cells.length} cells`;
    const reason = `has ${count} where the header names ${columns.length} columns`;
    return { kind: 'refused', errors: [{ cell: null, code: 'row.columns', reason }] };
  }
  const errors: CellError[] = [];
  const document: Record<string, unknown> = {};
  const attributes: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) {
    const text = cells[index] ?? '';
    switch (column.kind) {
      case 'ignored':
        break;
      case 'id':
        document['id'] = text;
        break;
      case 'field':
        if (text !== '') document[column.name] = text;
        break;
      case 'attribute': {
        if (text === '') break;
        const value = typed(text, column.type);
        if (value === null) errors.push({ cell: index, code: 'field.type', reason: MUST_BE[column.type] });
        else attributes[column.name] = value;
      }
    }
  }
  document['attributes'] = attributes;
  return { kind: 'document', document, errors };
}

const MUST_BE = {
  text: 'must be a text',
  number: 'must be a number such as 42 or -1.5',
  boolean: 'must be true or false',
};

/** Null when the text is nothing of the kind. */
function typed(text: string, type: 'text' | 'number' | 'boolean'): string | number | boolean | null {
  switch (type) {
    case 'text':
      return text;
    case 'number':
      return NUMBER.test(text) ? Number(text) : null;
    case 'boolean':
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : null;
  }
}
