/** How far something is. */
export interface Progress {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** What else there is to say, behind the figures. */
  readonly note: string;
}

const LABEL = 9;
const LONGEST_BAR = 24;

/** One line of at most `width` characters: the bar gives way first, then the end of the line. */
export function progressLine({ label, done, total, note }: Progress, width: number): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const whole = grouped(total);
  // Rounded down: 100 % is said when nothing is missing.
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const figures = `${grouped(done).padStart(whole.length)} of ${whole} ${percent}${note && `  ${note}`}`;
  const room = width - LABEL - figures.length - 6;
  const start = `  ${label.padEnd(LABEL)} `;
  return `${start}${room < 1 ? '' : `${bar(share, Math.min(room, LONGEST_BAR))}  `}${figures}`.slice(
    0,
    width,
  );
}

function bar(share: number, length: number): string {
  const full = Math.floor(share * length);
  return '█'.repeat(full) + '░'.repeat(length - full);
}

/** `1,000` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
