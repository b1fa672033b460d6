import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUEST_ERRORS } from './codes';
import { ROW_ERRORS } from '../../domain/import/row-codes';
import { FIELD_ERRORS } from '../../domain/validation/field-codes';
import type { CodeEntry } from '../../domain/validation/field-codes';
import { JOB_FAILURES } from '../jobs/failures';

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

  it.each([
    ['Errors of a field', FIELD_ERRORS],
    ['Errors of a row', ROW_ERRORS],
    ['Failures of a job', JOB_FAILURES],
  ])('has under "%s" every code, with its meaning and fix, and no other', (heading, registry) => {
    const expected = entries<CodeEntry>(registry).map(([code, { title, meaning, fix }]) => [
      `\`${code}\``,
      title,
      meaning,
      fix,
    ]);
    expect(rowsUnder(heading)).toEqual(expected);
  });
});
