import type { Tally } from '../activities/contract';

/** `1 person`, `12,000 people`: for summaries that people read. */
export function peopleText(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'person' : 'people'}`;
}

/** With a comma between thousands. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `998 sent, 2 expired`, most first; `nobody` when there are none. */
export function outcomesText(tally: Tally): string {
  const counts = Object.entries(tally).map(([outcome, count = 0]) => ({ outcome, count }));
  const texts = counts
    .toSorted((a, b) => b.count - a.count)
    .map(({ outcome, count }) => `${grouped(count)} ${outcome}`);
  return texts.join(', ') || 'nobody';
}
