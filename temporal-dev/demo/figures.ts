import { type Lateness, latenessOf } from './lateness';
import type { Delivery } from './schedule-client';

/** What a run comes to: the last line of `--json` (contract.md "Commands"). */
export interface Figures {
  readonly considered: number;
  readonly sent: number;
  /** Distinct mails that the inbox received; null when mail goes to a server of somebody else's. */
  readonly inbox: number | null;
  readonly latenessMs: Lateness;
}

/** People by outcome, the most frequent outcome first. */
export type Outcomes = ReadonlyMap<string, number>;

export function figuresOf(deliveries: readonly Delivery[], inbox: number | null): Figures {
  return {
    considered: deliveries.length,
    sent: deliveries.filter(({ outcome }) => outcome === 'sent').length,
    inbox,
    latenessMs: latenessOf(deliveries.flatMap(({ latenessMs }) => latenessMs ?? [])),
  };
}

export function outcomesOf(deliveries: readonly Delivery[]): Outcomes {
  const counts = new Map<string, number>();
  for (const { outcome } of deliveries) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return new Map([...counts].toSorted(([, a], [, b]) => b - a));
}

/** Whether each of them was considered and sent to, and every mail arrived. */
export function isWhole({ considered, sent, inbox }: Figures, people: number): boolean {
  return considered === people && sent === people && (inbox === null || inbox === people);
}
