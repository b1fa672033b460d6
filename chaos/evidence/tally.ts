import type { Count } from './evidence';

/** So many people of a campaign in one state. */
export interface StateCount {
  readonly campaign: string;
  readonly state: string;
  readonly people: number;
}

/** Adds them up by campaign and state. */
export function countsOf(by: Count['by'], rows: readonly StateCount[]): Count[] {
  const campaigns = new Map<string, Record<string, number>>();
  for (const { campaign, state, people } of rows) {
    const states = campaigns.get(campaign) ?? {};
    states[state] = (states[state] ?? 0) + people;
    campaigns.set(campaign, states);
  }
  return [...campaigns].map(([campaign, states]) => ({
    by,
    campaign,
    considered: Object.values(states).reduce((sum, people) => sum + people, 0),
    states,
  }));
}
