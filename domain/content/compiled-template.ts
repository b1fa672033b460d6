import Mustache from 'mustache';
import { phraseKey } from './phrase-key';
import { pathOf } from './scope';
import type { Path } from './scope';

/** A Mustache text, parsed once. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | (Named & { readonly kind: 'value'; readonly phrase: string | null; readonly raw: boolean })
  | (Named & { readonly kind: 'section'; readonly body: readonly TemplateNode[] })
  | (Named & { readonly kind: 'inverted'; readonly body: readonly TemplateNode[] });

interface Named {
  /** `.` for the current item, otherwise dotted. */
  readonly name: string;
  readonly path: Path;
}

export type CompiledTemplate = readonly TemplateNode[];

/** A text that is not Mustache as we allow it. `offset` counts UTF-16 units, `line` and `column` from 1. */
export class TemplateSyntaxError extends Error {
  override readonly name = 'TemplateSyntaxError';
  readonly line: number;
  readonly column: number;
  constructor(
    /** What is wrong, without the position. */
    readonly problem: string,
    source: string,
    readonly offset: number,
  ) {
    const before = source.slice(0, offset).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    super(`${problem} (line ${line}, column ${column})`);
    this.line = line;
    this.column = column;
  }
}

const DEEPEST_SECTION = 32;
const LONGEST_TEMPLATE = 256 * 1024;

// A name is walked for each item of a list.
const LONGEST_NAME = 200;

// Mustache's parser looks for the end of a tag anew at every blank of a run: without a bound its time is quadratic.
const LONGEST_BLANK = 1_000;

/** Parses a Mustache text without partials. @throws TemplateSyntaxError */
export function compileTemplate(source: string): CompiledTemplate {
  if (source.length > LONGEST_TEMPLATE) {
    throw new TemplateSyntaxError(
      `a text has at most ${LONGEST_TEMPLATE} characters`,
      source,
      LONGEST_TEMPLATE,
    );
  }
  for (const blank of source.matchAll(/\s+/g)) {
    if (blank[0].length <= LONGEST_BLANK) continue;
    throw new TemplateSyntaxError(`a text has at most ${LONGEST_BLANK} blanks in a row`, source, blank.index);
  }
  return nodesOf(parse(source), source, 1);
}

const memo = new Map<string, CompiledTemplate>();
const MOST_REMEMBERED = 256;

/** `compileTemplate`, remembering the texts that were asked for last: a page renders the same few for everybody. */
export function compiledTemplate(source: string): CompiledTemplate {
  const known = memo.get(source);
  const compiled = known ?? compileTemplate(source);
  if (known === undefined && memo.size >= MOST_REMEMBERED) {
    const [oldest = ''] = memo.keys();
    memo.delete(oldest);
  }
  memo.set(source, compiled);
  return compiled;
}

type Tokens = ReturnType<typeof Mustache.parse>;

// A parser of our own: the shared one would remember every text for ever.
const parser = new Mustache.Writer();
Object.assign(parser, { templateCache: undefined });

function parse(source: string): Tokens {
  try {
    return parser.parse(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, problem = message, at] = /^(.*) at (\d+)$/s.exec(message) ?? [];
    throw new TemplateSyntaxError(sentenceOf(problem), source, Math.min(Number(at ?? 0), source.length));
  }
}

function sentenceOf(problem: string): string {
  if (problem === 'Unclosed tag') return 'a tag is opened with "{{" and never closed';
  const section = /^(Unclosed|Unopened) section "(.*)"$/s.exec(problem);
  if (!section) return 'a tag that changes the delimiters must look like {{=<% %>=}}';
  const name = (section[2] ?? '').slice(0, 60);
  return section[1] === 'Unclosed'
    ? `the section "${name}" is never closed with {{/${name}}}`
    : `the section "${name}" is closed but was never opened`;
}

function nodesOf(tokens: Tokens, source: string, depth: number): TemplateNode[] {
  return tokens.flatMap((token): TemplateNode[] => {
    const [type, value, start] = token;
    switch (type) {
      case 'text':
        return [{ kind: 'text', text: value }];
      case 'name':
        return [valueNode(value, source, start, 'escaped')];
      case '&':
        return [valueNode(value, source, start, 'raw')];
      case '#':
      case '^': {
        if (depth > DEEPEST_SECTION) {
          throw new TemplateSyntaxError(`sections nest at most ${DEEPEST_SECTION} deep`, source, start);
        }
        const inner = token[4];
        const body = Array.isArray(inner) ? nodesOf(inner, source, depth + 1) : [];
        return [{ kind: type === '#' ? 'section' : 'inverted', ...named(value, source, start), body }];
      }
      case '>':
        throw new TemplateSyntaxError('partials ({{> name}}) are not supported', source, start);
      case '!':
      case '=':
        return [];
    }
  });
}

function valueNode(name: string, source: string, start: number, as: 'escaped' | 'raw'): TemplateNode {
  return { kind: 'value', ...named(name, source, start), phrase: phraseKey(name), raw: as === 'raw' };
}

function named(name: string, source: string, start: number): Named {
  if (name === '') throw new TemplateSyntaxError('a tag names nothing', source, start);
  if (name.length > LONGEST_NAME) {
    throw new TemplateSyntaxError(`a name has at most ${LONGEST_NAME} characters`, source, start);
  }
  return { name, path: pathOf(name) };
}
