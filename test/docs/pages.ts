import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

/** One page for people, as it is in the repository. */
export interface Page {
  /** From the top of the repository, as in `docs/time.md`. */
  readonly name: string;
  readonly text: string;
}

/** One fenced block of commands. */
export interface Commands {
  /** Of the page, for messages. */
  readonly line: number;
  /** The heading that it stands under. */
  readonly section: string;
  readonly text: string;
  /** The test that runs it, from the top of the repository. */
  readonly runBy: string;
}

/** The test that pastes every block whose info string names no other. */
export const PASTING_TEST = 'test/docs/commands.test.ts';

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
 * The blocks marked `sh`, in order. One that wants more than a terminal beside a running Sundial names the test that
 * gives it that: `sh run by test/docs/production.test.ts`.
 * @throws on commands that are marked otherwise, which nobody would run.
 */
export function commandsOf({ name, text }: Page): Commands[] {
  return fences(text).flatMap(({ info, line, section, body }): Commands[] => {
    const [language = ''] = info.split(/\s/);
    const where = `${name}:${line}`;
    if (
      ['bash', 'shell', 'console', 'zsh'].includes(language) ||
      (info === '' && /^\$? ?(curl|docker|npm|temporal) /m.test(body))
    ) {
      throw new Error(`${where}: mark commands as \`\`\`sh, so that they are run`);
    }
    if (language !== 'sh') return [];
    if (info === 'sh') return [{ line, section, text: body, runBy: PASTING_TEST }];
    const [, runBy] = /^sh run by (\S+\.test\.ts)$/.exec(info) ?? [];
    if (runBy === undefined)
      throw new Error(`${where}: "${info}" is neither "sh" nor "sh run by" and the file of a test`);
    return [{ line, section, text: body, runBy }];
  });
}

function fences(text: string): { info: string; line: number; section: string; body: string }[] {
  const pattern = /^(?<indent> *)```(?<info>[^`\n]*)\n(?<body>[\s\S]*?)^\k<indent>``` *$/gm;
  return [...text.matchAll(pattern)].map(({ index, groups: { info = '', body = '' } = {} }) => ({
    info: info.trim(),
    line: text.slice(0, index).split('\n').length,
    section: [...text.slice(0, index).matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? '',
    body,
  }));
}

/** Where the links of a page lead inside the repository, without those to other sites. */
export function linksOf({ text }: Page): string[] {
  const links = [...text.matchAll(/\]\((?<target>[^)\s]+)\)/g)].map(({ groups }) => groups?.['target'] ?? '');
  return links.filter((target) => !/^[a-z]+:/.test(target));
}
