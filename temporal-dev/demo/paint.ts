import type { Output } from './screen';

/** Words in colour, or as they are where colour is not wanted or not possible. */
export interface Paint {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

/** Colours only a terminal that has some, and none when NO_COLOR is set to anything (no-color.org). */
export function createPaint(out: Output, environment: NodeJS.ProcessEnv): Paint {
  const coloured = out.isTTY === true && !environment['NO_COLOR'] && out.hasColors?.() === true;
  const style =
    (on: number, off: number) =>
    (text: string): string =>
      coloured ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return { strong: style(1, 22), faint: style(2, 22), good: style(32, 39), bad: style(31, 39) };
}
