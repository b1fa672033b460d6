import { weightier } from '../domain/delivery/chain';
import type { Ending } from '../domain/delivery/chain';
import type { ChannelName } from '../domain/delivery/channel';
import { passedOver } from '../domain/delivery/step';
import type { Step } from '../domain/delivery/step';
import { judge, judgeOn } from './gate';
import type { Candidate, Verdict } from './gate';
import type { Page } from './page-state';
import { suppressionsOf } from './suppressed';

/** Somebody who may be written to, and by which channel first. */
export interface Routed extends Candidate {
  readonly channel: ChannelName;
  /** The channels before that one, which cannot write to them. */
  readonly passedOver: readonly Step[];
}

/** Somebody who is not sent to, and for the sake of which channel. */
export interface Refused {
  readonly candidate: Candidate;
  readonly channel: ChannelName;
  readonly verdict: Verdict;
}

export interface Judged {
  readonly passed: readonly Routed[];
  readonly refused: readonly Refused[];
}

interface Undecided {
  readonly candidate: Candidate;
  readonly passedOver: readonly Step[];
  readonly ending: Ending | null;
}

/** Judges people, and finds for each who passes the first channel that can write to them. */
export async function judgeAll(page: Page, batch: readonly Candidate[]): Promise<Judged> {
  const refused: Refused[] = [];
  const passed: Routed[] = [];
  const [first] = page.channels;
  let left: Undecided[] = [];
  for (const candidate of batch) {
    const verdict = judge(candidate, page.terms);
    if (verdict === null) left.push({ candidate, passedOver: [], ending: null });
    else refused.push({ candidate, channel: first, verdict });
  }
  for (const channel of page.channels) {
    if (left.length === 0) break;
    const open = left;
    left = [];
    const people = open.map(({ candidate }) => candidate.person);
    const { deps, input, addresses, terms } = page;
    const suppressions = await suppressionsOf(deps.db, input.tenantId, channel, addresses, people);
    for (const { candidate, passedOver: before, ending } of open) {
      const suppression = suppressions.get(candidate.person.rid) ?? null;
      const { person, due } = candidate;
      const verdict = judgeOn({ person, due, channel, suppression }, terms);
      if (verdict === null) passed.push({ person, due, channel, passedOver: before });
      else {
        const steps = [...before, { ...passedOver(channel, verdict), at: deps.clock() }];
        const now = weightier(ending, { channel, provider: null, verdict });
        left.push({ candidate, passedOver: steps, ending: now });
      }
    }
  }
  for (const { candidate, ending } of left) if (ending) refused.push({ candidate, ...ending });
  return { passed, refused };
}
