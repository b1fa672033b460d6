import { type Progress, progressLine } from './progress-line';

/** What a screen needs of a stream. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  hasColors?(): boolean;
  write(text: string): unknown;
}

export interface Screen {
  say(...lines: string[]): void;
  /** Shows how far something is, in the place of what was shown before. */
  progress(progress: Progress): void;
}

const USUAL_WIDTH = 80;
const LINES_WITHOUT_TERMINAL = 5;

/** A terminal's last line is redrawn; elsewhere, in a log or a pipe, every fifth of the way is a line. */
export function createScreen(out: Output): Screen {
  const live = out.isTTY === true;
  let shown = { label: '', line: '' };
  let stretch = '';

  /** What is written next begins below the line that was being redrawn. */
  function leaveLine(): void {
    if (shown.line !== '') out.write('\n');
    shown = { label: '', line: '' };
  }

  function redraw(progress: Progress): void {
    const { label } = progress;
    if (label !== shown.label) leaveLine();
    const line = progressLine(progress, (out.columns || USUAL_WIDTH) - 1);
    if (line !== shown.line) out.write(`\r${line}\u001B[K`);
    shown = { label, line };
  }

  function append(progress: Progress): void {
    const { label, done, total } = progress;
    const reached = `${label} ${Math.floor((done / total) * LINES_WITHOUT_TERMINAL)}`;
    if (reached !== stretch) out.write(`${progressLine(progress, USUAL_WIDTH)}\n`);
    stretch = reached;
  }

  return {
    say(...lines) {
      leaveLine();
      out.write(lines.map((line) => `${line}\n`).join(''));
    },
    progress: live ? redraw : append,
  };
}
