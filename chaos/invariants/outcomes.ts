import { STATE_CODES } from '../../domain/delivery/state';
import { type Evidence, messageKey, type Outcome } from '../evidence/evidence';
import { CAMPAIGNS } from '../evidence/evidence';
import type { Invariant } from './invariant';

/** Outcomes are final from here on (domain/delivery/state.ts). */
const FIRST_FINAL = 10;

export const oneFinalOutcome: Invariant = {
  sentence: 'Every person has exactly one row in each campaign, with one final outcome.',
  violations({ people, outcomes }) {
    const rows = new Map<string, number>();
    for (const { campaign, address } of outcomes) {
      const key = messageKey(campaign, address);
      rows.set(key, (rows.get(key) ?? 0) + 1);
    }
    const missing = CAMPAIGNS.flatMap((campaign) => {
      const seen = outcomes.filter((row) => row.campaign === campaign).length;
      return seen === people ? [] : [`${campaign} has ${seen} rows for ${people} people`];
    });
    return [
      ...missing,
      ...[...rows].filter(([, count]) => count !== 1).map(([key, count]) => `${key} has ${count} rows`),
      ...outcomes.filter(({ state }) => STATE_CODES[state] < FIRST_FINAL).map(words),
    ];
  },
};

/** Two campaigns whose cap lets one message through, and a server that refuses some: nothing else may come of it. */
const EXPECTED: readonly Outcome['state'][] = ['sent', 'capped', 'failed', 'suppressed'];

export const explainedOutcomes: Invariant = {
  sentence:
    'Nobody failed but those whom the mail server refused for good, and nothing else than the caps kept a message back.',
  violations({ outcomes, mail }) {
    const refused = new Set(mail.refusals.filter(({ code }) => code === 550).map(({ address }) => address));
    return outcomes.filter((row) => !isExplained(row, refused)).map(words);
  },
};

function isExplained({ address, state, reason }: Outcome, refused: ReadonlySet<string>): boolean {
  if (state === 'failed') return reason === 'rejected-address' && refused.has(address);
  if (state === 'suppressed') return refused.has(address);
  return EXPECTED.includes(state);
}

export const oneMessageADay: Invariant = {
  sentence: 'The cap of one message a day was exceeded for nobody, in the ledger or in the inbox.',
  violations({ outcomes, mail }) {
    const campaigns = new Map<string, Set<string>>();
    const had = (address: string, campaign: string): void => {
      campaigns.set(address, (campaigns.get(address) ?? new Set()).add(campaign));
    };
    for (const { address, campaign, state } of outcomes) if (state === 'sent') had(address, campaign);
    for (const { address, subject } of mail.mails) had(address, subject);
    return [...campaigns]
      .filter(([, names]) => names.size > 1)
      .map(([address, names]) => `${address} has messages of ${[...names].join(' and ')}`);
  },
};

export const cappedForSomething: Invariant = {
  sentence: 'Whoever was capped in one campaign had their message of the other, or it was refused for good.',
  violations({ outcomes }) {
    const capped = outcomes.filter(({ state }) => state === 'capped');
    const states = new Map(outcomes.map((row) => [messageKey(row.campaign, row.address), row.state]));
    return capped
      .filter(({ campaign, address }) => {
        const other = CAMPAIGNS.filter((name) => name !== campaign).map((name) =>
          states.get(messageKey(name, address)),
        );
        return other.every((state) => state === 'capped' || state === undefined);
      })
      .map(words);
  },
};

function words({ campaign, address, state, reason }: Outcome): string {
  return `${messageKey(campaign, address)} is ${state}${reason === null ? '' : ` (${reason})`}`;
}

/** Who is recorded as sent. */
export function sentOf({ outcomes }: Pick<Evidence, 'outcomes'>): ReadonlySet<string> {
  return new Set(
    outcomes
      .filter(({ state }) => state === 'sent')
      .map(({ campaign, address }) => messageKey(campaign, address)),
  );
}
