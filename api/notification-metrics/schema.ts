import { z } from 'zod';
import { channelOfCode } from '../../domain/delivery/channel';
import { DELIVERY_STATES } from '../../domain/delivery/state';
import type { DeliveryState } from '../../domain/delivery/state';
import { parseInstant } from '../../domain/time/instant';
import { because } from '../../domain/validation/check';
import type { OutcomeCounts } from '../../store/counters';
import type { FiguresOfGroup, Grouping, SpanEdge } from '../../store/outcome-figures';

/** A person on the way is counted when an outcome is recorded. */
const ON_THE_WAY: readonly DeliveryState[] = ['pending', 'held', 'claimed'];
const OUTCOMES = DELIVERY_STATES.filter((state) => !ON_THE_WAY.includes(state));

/** What providers and people tell of a sent message later (semantics.md "Every person, one answer"). */
const RECEIPTS = ['delivered', 'opened', 'clicked', 'bounced', 'complained', 'read'] as const;

const people = z.int();

const figures = {
  considered: people.meta({ description: 'Everybody with an outcome: the sum of all outcomes.' }),
  ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, people])),
  ...Object.fromEntries(
    RECEIPTS.map((receipt) => [
      receipt,
      people.meta({ description: 'Receipts are not built yet: always 0.' }),
    ]),
  ),
};

const exampleFigures = figuresOf({ sent: 998, failed: 1, 'no-address': 1 });

const group = z
  .strictObject({
    key: z.string().meta({
      description:
        'Name of a channel, a date, the id of a schedule, or the nominal time of an occurrence. ' +
        'Under `none` are people who came to no channel.',
    }),
    ...figures,
  })
  .meta({ id: 'NotificationMetricsGroup' });

export const metricsView = z
  .strictObject({
    ...figures,
    groups: z.array(group).meta({ description: 'Ascending; empty without `groupBy`.' }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Give it as `cursor` for more groups; null at the end.' }),
  })
  .meta({
    id: 'NotificationMetrics',
    examples: [
      {
        ...exampleFigures,
        groups: [{ key: '2026-12-01', ...exampleFigures }],
        nextCursor: null,
      },
    ],
  });

export function figuresOf(counts: OutcomeCounts): Record<string, number> & { considered: number } {
  const outcomes = OUTCOMES.map((outcome) => [outcome, counts[outcome] ?? 0] as const);
  return {
    ...Object.fromEntries(outcomes),
    ...Object.fromEntries(RECEIPTS.map((receipt) => [receipt, 0])),
    considered: outcomes.reduce((sum, [, count]) => sum + count, 0),
  };
}

/** Code 0 stands for people who never came to a channel. */
export function viewOfGroup(grouping: Grouping, { key, counts }: FiguresOfGroup): z.input<typeof group> {
  const name = grouping !== 'channel' ? key : key === '0' ? 'none' : channelOfCode(Number(key));
  return { ...figuresOf(counts), key: name };
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

function edge(which: string) {
  return z
    .string()
    .transform((text, context): SpanEdge => {
      const isDate = DATE.test(text);
      const instant = parseInstant(isDate ? `${text}T00:00Z` : text);
      if (instant.kind === 'ok') {
        return isDate ? { kind: 'date', date: text } : { kind: 'instant', at: instant.value };
      }
      const message = isDate
        ? 'is a date that does not exist'
        : 'must be a date such as 2026-12-01 or an instant such as 2026-12-01T09:00:00Z (+ is %2B in a query)';
      context.addIssue({ code: 'custom', ...because('field.format', message) });
      return z.NEVER;
    })
    .optional()
    .meta({ type: 'string', description: which });
}

/** The parameters that both routes have. */
export const spanQuery = {
  from: edge(
    'A date: occurrences of that date and later ones. An instant: those that opened at it or later.',
  ),
  to: edge('A date: occurrences of that date and earlier ones. An instant: those that opened before it.'),
};
