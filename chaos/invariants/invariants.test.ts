import { type Count, type Evidence, messageKey, type Outcome } from '../evidence/evidence';
import { countsOf } from '../evidence/tally';
import type { KeptMail } from '../mail/mail-log';
import { judge } from './all';
import { secondCopies } from './inbox';

const ADA = 'person-0@example.com';
const BEN = 'person-1@example.com';

const row = (
  campaign: string,
  address: string,
  state: Outcome['state'],
  reason: Outcome['reason'] = null,
): Outcome => ({
  campaign,
  address,
  state,
  reason,
});

const copy = (address: string, own: Partial<KeptMail> = {}): KeptMail => ({
  at: 1_000,
  worker: 'worker-1-1',
  address,
  subject: 'First',
  messageId: `<${own.subject ?? 'First'}.${address}>`,
  answer: 'given',
  ...own,
});

const OUTCOMES = [
  row('First', ADA, 'sent'),
  row('First', BEN, 'sent'),
  row('Second', ADA, 'capped', 'cap-day'),
  row('Second', BEN, 'capped', 'cap-day'),
];

function countsFor(outcomes: readonly Outcome[]): Count[] {
  const rows = outcomes.map(({ campaign, state }) => ({ campaign, state, people: 1 }));
  return (['the ledger', 'its counters', 'the API', 'the metrics'] as const).flatMap((by) =>
    countsOf(by, rows),
  );
}

/** Two people and nothing wrong, but for what a test says. */
function evidence(own: Partial<Evidence> = {}): Evidence {
  const { outcomes = OUTCOMES } = own;
  const totals: Record<string, number> = {};
  for (const { state } of outcomes) totals[state] = (totals[state] ?? 0) + 1;
  return {
    people: 2,
    mail: { mails: [copy(ADA), copy(BEN)], refusals: [] },
    kills: [],
    outcomes,
    counts: countsFor(outcomes),
    totals,
    leftovers: { openOccurrences: 0, untoldCommands: 0, unfinished: [], workflows: [] },
    deaths: [],
    mendedCounters: 0,
    unrest: null,
    ...own,
  };
}

/** The first words of the promises that are broken. */
function broken(own: Partial<Evidence>): string[] {
  return judge(evidence(own))
    .filter(({ violations }) => violations.length > 0)
    .map(({ sentence }) => sentence.split(' ').slice(0, 4).join(' '));
}

const mails = (...kept: KeptMail[]): Pick<Evidence, 'mail'> => ({ mail: { mails: kept, refusals: [] } });

/** Two copies for one person, by two workers. */
const twice = (first: Partial<KeptMail>): Pick<Evidence, 'mail'> =>
  mails(copy(ADA, first), copy(ADA, { at: 5_000, worker: 'worker-2-1' }), copy(BEN));
/** The first worker was killed after its copy. */
const kill = (own: Partial<Evidence['kills'][number]> = {}): Pick<Evidence, 'kills'> => ({
  kills: [{ at: 2_000, worker: 'worker-1-1', inFlight: new Set([messageKey('First', ADA)]), ...own }],
});

it('an undisturbed round breaks no promise', () => {
  expect(broken({})).toEqual([]);
  expect(secondCopies(evidence())).toEqual({ found: 0, most: 0 });
});

describe('outcomes', () => {
  it('are one a person and campaign', () => {
    const repeated = [...OUTCOMES, row('First', ADA, 'sent')];
    expect(broken({ outcomes: repeated, counts: countsFor(OUTCOMES) })).toContain('Every person has exactly');
    expect(broken({ outcomes: OUTCOMES.slice(1) })).toContain('Every person has exactly');
  });

  it('are final', () => {
    const claimed = [row('First', ADA, 'claimed'), ...OUTCOMES.slice(1)];
    expect(broken({ outcomes: claimed })).toContain('Every person has exactly');
    const unknown = [row('First', ADA, 'unknown', 'no-answer'), ...OUTCOMES.slice(1)];
    expect(broken({ outcomes: unknown })).toContain('Every person has exactly');
  });

  it('are failed or suppressed only for whom the server refused for good', () => {
    const refused = (state: Outcome['state'], reason: Outcome['reason']) => ({
      outcomes: [row('First', ADA, state, reason), ...OUTCOMES.slice(1)],
    });
    const rest = { mails: [copy(BEN)], refusals: [{ address: ADA, code: 550 as const }] };
    expect(broken({ ...refused('failed', 'rejected-address'), mail: rest })).toEqual([]);
    expect(broken({ ...refused('suppressed', 'rejected-address'), mail: rest })).toEqual([]);
    const busy = { ...rest, refusals: [{ address: ADA, code: 450 as const }] };
    expect(broken({ ...refused('failed', 'rejected-address'), mail: busy })).toEqual([
      'Nobody failed but those',
    ]);
    expect(broken({ ...refused('failed', 'provider-unavailable'), mail: rest })).toEqual([
      'Nobody failed but those',
    ]);
    expect(broken({ ...refused('expired', null), mail: rest })).toEqual(['Nobody failed but those']);
  });

  it('are one message a day, by the ledger and by the inbox', () => {
    const both = [...OUTCOMES.slice(0, 2), row('Second', ADA, 'sent'), row('Second', BEN, 'capped')];
    expect(broken({ outcomes: both })).toEqual(expect.arrayContaining(['The cap of one']));
    expect(broken(mails(copy(ADA), copy(BEN), copy(ADA, { subject: 'Second', answer: 'withheld' })))).toEqual(
      ['The cap of one'],
    );
  });

  it('are not capped in both campaigns', () => {
    const neither = [row('First', ADA, 'capped'), ...OUTCOMES.slice(1)];
    expect(broken({ outcomes: neither, ...mails(copy(BEN)) })).toEqual(['Whoever was capped in']);
  });
});

describe('counts', () => {
  it.each(['its counters', 'the API', 'the metrics'] as const)('of %s are those of the ledger', (by) => {
    const counts = evidence().counts.map((count) =>
      count.by === by ? { ...count, considered: 1, states: { sent: 1 } } : count,
    );
    expect(broken({ counts })).toEqual(['Counts add up: the']);
  });

  it('are shown by everybody', () => {
    expect(broken({ counts: evidence().counts.slice(0, -1) })).toEqual(['Counts add up: the']);
  });

  it('are the same in the totals, and were never wrong', () => {
    expect(broken({ totals: { sent: 2, capped: 1 } })).toEqual(['Counts add up: the']);
    expect(broken({ mendedCounters: 1 })).toEqual(['No counter had to']);
  });
});

describe('the inbox', () => {
  it('holds all that is sent', () => {
    expect(broken(mails(copy(ADA)))).toEqual(['The inbox holds every']);
  });

  it('holds what is not recorded as sent only when its answer was lost', () => {
    const outcomes = [row('First', ADA, 'failed', 'rejected-address'), ...OUTCOMES.slice(1)];
    const refusals = [{ address: ADA, code: 550 as const }];
    expect(broken({ outcomes, mail: { mails: [copy(ADA), copy(BEN)], refusals } })).toEqual([
      'Nobody has a message',
    ]);
    const lost = copy(ADA, { answer: 'withheld' });
    expect(broken({ outcomes, mail: { mails: [lost, copy(BEN)], refusals } })).toEqual([]);
  });

  it('knows copies by their Message-ID', () => {
    const lost = copy(ADA, { answer: 'withheld' });
    expect(broken(mails(lost, copy(ADA, { messageId: '<other>' }), copy(BEN)))).toEqual(['Every copy of a']);
    expect(broken(mails(copy(ADA), copy(BEN, { messageId: copy(ADA).messageId })))).toEqual([
      'Every copy of a',
    ]);
  });
});

describe('second copies', () => {
  it('have no excuse when the first was answered and its worker lived', () => {
    expect(broken(twice({}))).toEqual(['A second copy exists']);
  });

  it('are excused by an answer that was withheld', () => {
    expect(broken(twice({ answer: 'withheld' }))).toEqual([]);
    expect(secondCopies(evidence(twice({ answer: 'withheld' })))).toEqual({ found: 1, most: 1 });
  });

  it('are excused by a kill of that worker, after the copy, with the person claimed', () => {
    expect(broken({ ...twice({}), ...kill() })).toEqual([]);
    expect(broken({ ...twice({}), ...kill({ worker: 'worker-1-2' }) })).toEqual(['A second copy exists']);
    expect(broken({ ...twice({}), ...kill({ at: 500 }) })).toEqual(['A second copy exists']);
    expect(broken({ ...twice({}), ...kill({ inFlight: new Set() }) })).toEqual(['A second copy exists']);
  });
});

describe('the end', () => {
  it.each([
    ['an open occurrence', { openOccurrences: 1 }],
    ['a command', { untoldCommands: 1 }],
    ['a schedule', { unfinished: ['First is running'] }],
    ['a workflow', { workflows: ['schedule/s1'] }],
  ])('leaves no %s', (_, left) => {
    expect(broken({ leftovers: { ...evidence().leftovers, ...left } })).toEqual(['Nothing waits for ever:']);
  });

  it('comes, and finds everybody alive', () => {
    expect(broken({ unrest: 'Not within 300 s: rest.' })).toEqual(['Nothing waits for ever:']);
    expect(broken({ deaths: ['worker-1-1 ended by itself (code 1)'] })).toEqual(['No process ended but']);
  });
});
