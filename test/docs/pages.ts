import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

/** One page for people, as it is in the repository. */
export interface Page {
  /** From the top of the repository, as in `docs/time.md`. */
  readonly name: string;
  readonly text: string;
}

/** What one fenced block of commands asks of the test. */
export type Commands =
  | { readonly kind: 'run'; readonly line: number; readonly text: string }
  | { readonly kind: 'not run'; readonly line: number; readonly why: string };

/** README.md and everything below docs/, so that a new page is found by being there. */
export function pages(): Page[] {
  const below = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const names = below.filter((file) => file.endsWith('.md')).map((file) => path.posix.join('docs', file));
  return ['README.md', ...names.toSorted()].map((name) => ({
    name,
    text: readFileSync(path.join(ROOT, name), 'utf8'),
  }));
}

/**
 * The blocks marked `sh`, in order. All of them are run, except those whose info string says why not:
 * `sh not run: it deletes your data`.
 * @throws on commands that are marked otherwise, which nobody would run.
 */
export function commandsOf({ name, text }: Page): Commands[] {
  return fences(text).flatMap(({ info, line, body }): Commands[] => {
    const [language = ''] = info.split(/\s/);
    const where = `${name}:${line}`;
    if (
      ['bash', 'shell', 'console', 'zsh'].includes(language) ||
      (info === '' && /^\$? ?(curl|npm) /m.test(body))
    ) {
      throw new Error(`${where}: mark commands as \`\`\`sh, so that they are run`);
    }
    if (language !== 'sh') return [];
    if (info === 'sh') return [{ kind: 'run', line, text: body }];
    const [, why] = /^sh not run: (.+)$/.exec(info) ?? [];
    if (why === undefined) throw new Error(`${where}: "${info}" is neither "sh" nor "sh not run: why"`);
    return [{ kind: 'not run', line, why }];
  });
}

function fences(text: string): { info: string; line: number; body: string }[] {
  const pattern = /^(?<indent> *)```(?<info>[^`\n]*)\n(?<body>[\s\S]*?)^\k<indent>``` *$/gm;
  return [...text.matchAll(pattern)].map(({ index, groups: { info = '', body = '' } = {} }) => ({
    info: info.trim(),
    line: text.slice(0, index).split('\n').length,
    body,
  }));
}

/** Where the links of a page lead inside the repository, without those to other sites. */
export function linksOf({ text }: Page): string[] {
  const links = [...text.matchAll(/\]\((?<target>[^)\s]+)\)/g)].map(({ groups }) => groups?.['target'] ?? '');
  return links.filter((target) => !/^[a-z]+:/.test(target));
}
