import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A fenced block of a page that says what it is: ```` ```json template ```` is a `template`. */
export interface Example {
  readonly role: string;
  /** Of the page, for messages. */
  readonly line: number;
  // Documentation holds documents of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly value: any;
}

const FENCE = /^```json (\S+)\n([\s\S]*?)^```$/gm;

/** The examples of a page of docs/, in their order. */
export function examplesOf(page: string): Example[] {
  const text = readFileSync(path.join(__dirname, '..', '..', 'docs', page), 'utf8');
  return [...text.matchAll(FENCE)].map((match) => ({
    role: match[1] ?? '',
    line: text.slice(0, match.index).split('\n').length,
    value: JSON.parse(match[2] ?? ''),
  }));
}

/** What stands in the one block of a page that is marked so; `page` from the root of the project. */
export function fencedText(page: string, mark: string): string {
  const text = readFileSync(path.join(__dirname, '..', '..', page), 'utf8');
  const [, inside] = new RegExp(`^\`\`\`${mark}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text) ?? [];
  if (inside === undefined) throw new Error(`${page} has no block marked ${mark}.`);
  return inside;
}
