import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUEST_ERRORS } from './codes';
import { FIELD_ERRORS } from '../../domain/validation/field-codes';

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'errors.md'), 'utf8');

/** Rows of the page's tables by the heading above them, cells trimmed. */
function rowsUnder(heading: string): string[][] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
}

const entries = <Entry>(registry: Record<string, Entry>): [string, Entry][] => Object.entries(registry);

describe('docs/errors.md', () => {
  it('has every error of a request, with its status, meaning and fix, and no other', () => {
    const expected = entries(REQUEST_ERRORS).map(([code, { status, title, meaning, fix }]) => [
      `\`${code}\``,
      String(status),
      title,
      meaning,
      fix,
    ]);
    expect(rowsUnder('Errors of a request')).toEqual(expected);
  });

  it('has every error of a field, with its meaning and fix, and no other', () => {
    const expected = entries(FIELD_ERRORS).map(([code, { title, meaning, fix }]) => [
      `\`${code}\``,
      title,
      meaning,
      fix,
    ]);
    expect(rowsUnder('Errors of a field')).toEqual(expected);
  });
});
