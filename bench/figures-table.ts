import { textTable } from '../temporal-dev/demo/text-table';
import type { Figures } from './bench';

/** The figures as lines for people, nested ones as `latenessMs.p50`. */
export function figuresTable(name: string, figures: Figures): string[] {
  const rows = Object.entries(figures).flatMap(([key, figure]): [string, number | string][] =>
    typeof figure === 'object'
      ? Object.entries(figure).map(([part, value]) => [`${key}.${part}`, value])
      : [[key, figure]],
  );
  return textTable(
    [
      { title: name, align: 'left' },
      { title: '', align: 'right' },
    ],
    rows.map(([key, value]) => [key, typeof value === 'number' ? value.toLocaleString('en-US') : value]),
  );
}
