import { pointTo } from '../field-error';
import type { FieldError } from '../field-error';
import { attributeNameError } from '../recipient/attributes';
import { isStorable } from '../validation/document';
import type { FieldErrorCode } from '../validation/field-codes';

/** What the cells of a column become. */
export type CsvColumn =
  | { readonly kind: 'id' }
  | { readonly kind: 'field'; readonly name: 'email' | 'phone' | 'locale' | 'timeZone' }
  | { readonly kind: 'attribute'; readonly name: string; readonly type: 'text' | 'number' | 'boolean' }
  /** Written by us alone, and ignored, so that a list of people can be sent back. */
  | { readonly kind: 'ignored' };

const FIELDS = ['email', 'phone', 'locale', 'timeZone'] as const;
const READ_ONLY = ['effectiveTimeZone', 'timeZoneSource', 'createdAt', 'updatedAt'];
const TYPED = /^(.+):(number|boolean)$/;

/** No person has more: it bounds what a header can cost. */
const MOST_COLUMNS = 500;

export type CsvColumns =
  | { readonly kind: 'ok'; readonly columns: readonly CsvColumn[] }
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[] };

/**
 * Reads the header of a file of people: `id`, the fields of a person, and an attribute for every other column, a text
 * unless its name ends with `:number` or `:boolean`. Pointers lead to the column: `/header/2`.
 */
export function readHeader(cells: readonly string[]): CsvColumns {
  const errors: FieldError[] = [];
  const refuse = (index: number, code: FieldErrorCode, sentence: string): void => {
    const message = `column ${index + 1} of the header: ${sentence}`;
    errors.push({ pointer: pointTo('/header', index), code, message });
  };
  if (cells.length > MOST_COLUMNS) {
    const message = `the header must have at most ${MOST_COLUMNS} columns, not ${cells.length}`;
    return { kind: 'refused', errors: [{ pointer: '/header', code: 'field.too-long', message }] };
  }
  const names = cells.map((cell) => cell.trim());
  const first = new Map<string, number>();
  const columns = names.map((name, index): CsvColumn => {
    const column = columnOf(name);
    const key = column.kind === 'attribute' ? `attribute ${column.name}` : `field ${name}`;
    const before = first.get(key);
    if (before !== undefined) refuse(index, 'field.conflict', `is the same as column ${before + 1}`);
    first.set(key, index);
    if (column.kind === 'attribute') {
      const wrong = wrongAttribute(column.name);
      if (wrong) refuse(index, wrong.code, wrong.message);
    }
    return column;
  });
  if (!columns.some(({ kind }) => kind === 'id')) {
    const message = `the file has no column "id": its first line must name the columns, as in id,email,timeZone${hintOf(names)}`;
    errors.push({ pointer: '/header', code: 'field.required', message });
  }
  return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'ok', columns };
}

function columnOf(name: string): CsvColumn {
  if (name === 'id') return { kind: 'id' };
  const field = FIELDS.find((known) => known === name);
  if (field !== undefined) return { kind: 'field', name: field };
  if (READ_ONLY.includes(name)) return { kind: 'ignored' };
  const [, typed, type] = TYPED.exec(name) ?? [];
  if (typed !== undefined && (type === 'number' || type === 'boolean')) {
    return { kind: 'attribute', name: typed, type };
  }
  return { kind: 'attribute', name, type: 'text' };
}

/** An attribute `Email` would be kept, and nobody would ever get a mail: a name that only looks like a field's is refused. */
function wrongAttribute(name: string): { code: FieldErrorCode; message: string } | null {
  const meant = ['id', ...FIELDS].find((field) => plain(field) === plain(name));
  if (meant !== undefined) return { code: 'field.unknown', message: `must be written ${meant}` };
  if (name === 'devices')
    return { code: 'field.not-built', message: 'devices are not built yet: leave it out' };
  if (!isStorable(name)) return { code: 'text.invalid', message: 'holds a character that cannot be stored' };
  return attributeNameError(name);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '');
}

/** What spreadsheets write in many countries. */
function hintOf(names: readonly string[]): string {
  const [only = '', ...others] = names;
  if (others.length > 0) return '';
  if (only.includes(';')) return '; columns are separated by commas, not semicolons';
  return only.includes('\t') ? '; columns are separated by commas, not tabs' : '';
}
