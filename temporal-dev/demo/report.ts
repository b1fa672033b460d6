import type { Figures, Outcomes } from './figures';
import type { Paint } from './paint';
import { grouped } from './progress-line';

/** The figures in words, a line each. */
export function reportLines(figures: Figures, outcomes: Outcomes, whole: boolean, paint: Paint): string[] {
  const { considered, inbox, latenessMs } = figures;
  const states = [...outcomes].map(([outcome, count]) => `${grouped(count)} ${outcome}`);
  const verdict = whole
    ? paint.good('✓ Everybody got one mail.')
    : paint.bad('✗ Not everybody got exactly one mail.');
  return [
    row('considered', paint.strong(grouped(considered))),
    row('outcomes', states.join(', ') || 'none'),
    row(
      'inbox',
      inbox === null ? 'not ours: mail goes to your SMTP server' : `${grouped(inbox)} distinct mails`,
    ),
    row(
      'lateness',
      (['p50', 'p99', 'max'] as const)
        .map((name) => `${paint.faint(name)} ${milliseconds(latenessMs[name])}`)
        .join('   '),
    ),
    '',
    `  ${verdict}`,
  ];
}

export function row(name: string, value: string): string {
  return `  ${name.padEnd(12)}${value}`;
}

function milliseconds(value: number | null): string {
  return value === null ? 'none' : `${grouped(value)} ms`;
}
