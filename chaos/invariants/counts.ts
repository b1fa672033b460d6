import { CAMPAIGNS, type Count } from '../evidence/evidence';
import type { Invariant } from './invariant';

export const countsAddUp: Invariant = {
  sentence:
    'Counts add up: the people considered are the sum of all states, and counters, API and metrics say what the ledger says.',
  violations({ people, counts, totals }) {
    const ledger = counts.filter(({ by }) => by === 'the ledger');
    const ofLedger = new Map(ledger.map((count) => [count.campaign, count]));
    const campaigns = CAMPAIGNS.flatMap((campaign) => {
      const own = counts.filter((count) => count.campaign === campaign);
      const missing = own.length === 4 ? [] : [`${campaign} is counted by ${own.length} of 4`];
      const wrong = own.filter(
        (count) =>
          count.considered !== people || sum(count) !== people || differ(count, ofLedger.get(campaign)),
      );
      return [...missing, ...wrong.map(words)];
    });
    const all: Record<string, number> = {};
    for (const { states } of ledger) {
      for (const [state, count = 0] of Object.entries(states)) all[state] = (all[state] ?? 0) + count;
    }
    const totalsDiffer = textOf(all) !== textOf(totals);
    return [
      ...campaigns,
      ...(totalsDiffer ? [`the totals say ${textOf(totals)} where the ledger says ${textOf(all)}`] : []),
    ];
  },
};

export const countersNeededNoMending: Invariant = {
  sentence: 'No counter had to be mended.',
  violations: ({ mendedCounters }) =>
    mendedCounters === 0 ? [] : [`${mendedCounters} sums differed from the ledger and were mended`],
};

function sum({ states }: Count): number {
  return Object.values(states).reduce<number>((all, people) => all + (people ?? 0), 0);
}

function differ(a: Count, b: Count | undefined): boolean {
  return b === undefined || textOf(a.states) !== textOf(b.states);
}

function words({ by, campaign, considered, states }: Count): string {
  return `${by}: ${campaign} has ${considered} people: ${textOf(states)}`;
}

function textOf(states: Count['states']): string {
  return Object.entries(states)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([state, people]) => `${people} ${state}`)
    .join(', ');
}
