import path from 'node:path';
import { commandsOf, pages } from './pages';
import type { Commands } from './pages';

/** The blocks of a page that one test runs, to be taken in their order. */
export interface Guide {
  /** The next block. @throws when it stands under another heading: the page has changed, and the test has to follow. */
  take(section: string): string;
  /** A command that stands in a sentence. @throws when no sentence of the page has it. */
  inline(command: string): string;
  /** Those that nobody has taken. */
  left(): readonly Commands[];
}

/** @param file the test that the blocks name, as `__filename` of it. */
export function openGuide(name: string, file: string): Guide {
  const page = pages().find((each) => each.name === name);
  if (page === undefined) throw new Error(`There is no page ${name}`);
  const test = path.relative(path.join(__dirname, '..', '..'), file);
  const blocks = commandsOf(page).filter(({ runBy }) => runBy === test);
  return {
    take(section) {
      const next = blocks.shift();
      if (next === undefined || next.section !== section)
        throw new Error(`${name}: after "${section}" was asked for comes ${describeBlock(next)}`);
      return next.text;
    },
    inline(command) {
      if (!page.text.includes(`\`${command}\``)) throw new Error(`${name} does not say \`${command}\``);
      return command;
    },
    left: () => blocks,
  };
}

function describeBlock(block: Commands | undefined): string {
  return block === undefined ? 'the end' : `line ${block.line}, under "${block.section}"`;
}
