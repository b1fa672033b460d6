import fc from 'fast-check';
import { after, nextOf, resume, start } from './chain';
import type { Begun, Chain, Leg, Progress } from './chain';
import type { DeliveryReason } from './state';
import type { Step, StepResult } from './step';

const leg = (channel: Leg['channel'], ...providers: string[]): Leg => ({
  channel,
  providers: providers.map((provider) => ({ provider })),
});

const MAIL = leg('email', 'smtp', 'smtp-2');
const NOOP = leg('noop', 'noop');

const chainOf = (...legs: Leg[]): Chain => ({ legs, onUnknown: 'resend' });

/** What a provider answers: the result, or with the time for which it wants to be left alone. */
type Answer = StepResult | { readonly result: StepResult; readonly forMs: number };

/** Whom a message comes to when the providers answer so, one after the other; and what it ends with. */
function wayOf(chain: Chain, answers: readonly Answer[], from: Progress = start(chain)) {
  const asked: string[] = [];
  const waits: number[] = [];
  let progress = from;
  let now = 0;
  for (const answer of [...answers, null]) {
    const next = nextOf(chain, progress, now, () => 0.5);
    if (next.kind === 'end') return { asked, waits, ending: next.ending, progress };
    now += next.afterMs;
    waits.push(next.afterMs);
    asked.push(next.provider);
    if (answer === null) break;
    const { result, forMs } = typeof answer === 'string' ? { result: answer, forMs: 0 } : answer;
    progress = after(chain, progress, stepOf(next, result, now), forMs);
  }
  return { asked, waits, ending: null, progress };
}

function stepOf({ channel, provider }: Pick<Step, 'channel' | 'provider'>, result: StepResult, at = 0): Step {
  return { channel, provider, at, result, reason: REASONS[result] ?? null };
}

const REASONS: Partial<Record<StepResult, DeliveryReason>> = {
  rejected: 'rejected-address',
  unknown: 'no-answer',
  suppressed: 'complaint',
  'not-made': 'no-content',
};

const barred = { result: 'unavailable', forMs: 30_000 } as const;
const fourTimes = (result: StepResult): StepResult[] => Array.from({ length: 4 }, () => result);

describe('a message that a provider cannot take now', () => {
  it('is retried three times there, then goes to the next provider at once, then to the next channel', () => {
    const way = wayOf(chainOf(MAIL, NOOP), [...fourTimes('transient'), ...fourTimes('transient')]);
    expect(way.asked).toEqual([...Array(4).fill('smtp'), ...Array(4).fill('smtp-2'), 'noop']);
    expect(way.waits).toEqual([0, 2_000, 8_000, 32_000, 0, 2_000, 8_000, 32_000, 0]);
  });

  it('is a dead letter when nobody is left', () => {
    const way = wayOf(chainOf(MAIL), [...fourTimes('transient'), ...fourTimes('transient')]);
    expect(way.ending).toEqual({
      channel: 'email',
      provider: 'smtp-2',
      verdict: { state: 'failed', reason: 'provider-unavailable' },
    });
  });

  it('goes on at once when the provider is given up and another can be asked', () => {
    expect(wayOf(chainOf(MAIL), [barred])).toMatchObject({ asked: ['smtp', 'smtp-2'], waits: [0, 0] });
    expect(wayOf(chainOf(MAIL), ['transient', barred])).toMatchObject({
      asked: ['smtp', 'smtp', 'smtp-2'],
      waits: [0, 2_000, 0],
    });
  });

  it('waits when every provider is given up, for the one that can be asked first', () => {
    const way = wayOf(chainOf(MAIL), [{ ...barred, forMs: 10_000 }, barred, 'accepted']);
    expect(way.asked).toEqual(['smtp', 'smtp-2', 'smtp']);
    expect(way.waits).toEqual([0, 0, 11_000]);
  });

  it('waits so for ever on the last channel, and on another for as long as its retries take', () => {
    const outage = Array.from({ length: 50 }, () => barred);
    expect(wayOf(chainOf(MAIL), outage).ending).toBeNull();
    const { asked } = wayOf(chainOf(leg('email', 'smtp'), NOOP), outage.slice(0, 3));
    expect(asked).toEqual(['smtp', 'smtp', 'smtp', 'noop']);
  });

  it('is left where it is by being asked too often, until that has lasted for half an hour', () => {
    const way = wayOf(
      chainOf(MAIL),
      Array.from({ length: 34 }, () => 'rate-limited' as const),
    );
    expect(way.asked).toEqual([...Array(34).fill('smtp'), 'smtp-2']);
  });
});

describe('a message that is refused for good', () => {
  it('is shown to no other provider, because the address is the same, but goes on to another channel', () => {
    expect(wayOf(chainOf(MAIL), ['rejected'])).toMatchObject({
      asked: ['smtp'],
      ending: {
        channel: 'email',
        provider: 'smtp',
        verdict: { state: 'failed', reason: 'rejected-address' },
      },
    });
    expect(wayOf(chainOf(MAIL, NOOP), ['rejected', 'accepted'])).toMatchObject({
      asked: ['smtp', 'noop'],
      ending: { channel: 'noop', provider: 'noop', verdict: { state: 'sent' } },
    });
  });
});

const ends = (...answers: Answer[]) => wayOf(chainOf(MAIL, NOOP), answers).ending?.verdict;

describe('a channel that cannot write to the person', () => {
  it.each(['no-address', 'suppressed', 'not-made'] as const)('is passed over for %s', (result) => {
    expect(wayOf(chainOf(MAIL, NOOP), [result]).asked).toEqual(['smtp', 'noop']);
  });

  it('ends it when it is the last: as what was tried and failed, otherwise as what kept the first back', () => {
    expect(ends('suppressed', 'no-address')).toEqual({ state: 'suppressed', reason: 'complaint' });
    expect(ends('suppressed', 'rejected')).toEqual({ state: 'failed', reason: 'rejected-address' });
    expect(ends('rejected', 'no-address')).toEqual({ state: 'failed', reason: 'rejected-address' });
  });
});

describe('a message that may have been accepted', () => {
  it('is sent again by the same provider alone, and then left to a person', () => {
    const way = wayOf(chainOf(MAIL, NOOP), ['unknown', 'transient', 'transient', 'transient']);
    expect(way.asked).toEqual(Array(4).fill('smtp'));
    expect(way.ending?.verdict).toEqual({ state: 'unknown', reason: 'no-answer' });
  });

  it('waits for that provider while it is given up, and for no other', () => {
    const way = wayOf(chainOf(MAIL, NOOP), ['unknown', ...Array.from({ length: 10 }, () => barred)]);
    expect(new Set(way.asked)).toEqual(new Set(['smtp']));
    expect(way.ending).toBeNull();
  });

  it('ends at the first one under hold', () => {
    const way = wayOf({ ...chainOf(MAIL), onUnknown: 'hold' }, ['unknown']);
    expect(way).toMatchObject({ asked: ['smtp'], ending: { verdict: { state: 'unknown' } } });
  });

  it('ends where a later copy is refused, and goes to no other address', () => {
    const way = wayOf(chainOf(MAIL, NOOP), ['unknown', 'rejected']);
    expect(way.ending?.verdict).toEqual({ state: 'failed', reason: 'rejected-address' });
  });
});

const begun = (own: Partial<Begun>): Begun => ({
  channel: 'email',
  provider: null,
  attempts: 0,
  reason: null,
  trail: [],
  ...own,
});
const step = (result: StepResult, provider: string | null = 'smtp', channel: Leg['channel'] = 'email') =>
  stepOf({ channel, provider }, result);
const goesOn = (own: Partial<Begun>, ...answers: Answer[]) =>
  wayOf(chainOf(MAIL, NOOP), answers, resume(chainOf(MAIL, NOOP), begun(own)));

describe('a message that somebody had before', () => {
  it('goes on with the tries that are left, at once', () => {
    const trail = [step('transient'), step('transient')];
    const way = goesOn({ attempts: 2, trail }, 'transient', 'transient');
    expect(way.asked).toEqual(['smtp', 'smtp', 'smtp-2']);
    expect(way.waits).toEqual([0, 32_000, 0]);
  });

  it('goes on at the provider and the channel that the ledger names, though nobody recorded why', () => {
    expect(goesOn({ provider: 'smtp-2' }).asked).toEqual(['smtp-2']);
    expect(goesOn({ channel: 'noop' }).asked).toEqual(['noop']);
  });

  it('goes on where its steps lead, though the ledger does not name that yet', () => {
    const trail = fourTimes('transient').map((result) => step(result));
    expect(goesOn({ attempts: 4, trail }).asked).toEqual(['smtp-2']);
  });

  it('counts tries that nobody recorded as those of the provider at hand', () => {
    expect(goesOn({ attempts: 3 }, 'transient').asked).toEqual(['smtp', 'smtp-2']);
  });

  it('stays with the provider by whom its owner was lost', () => {
    const trail = [...fourTimes('transient').map((result) => step(result)), step('unknown', 'smtp-2')];
    const way = goesOn(
      { provider: 'smtp-2', attempts: 5, reason: 'owner-lost', trail },
      'transient',
      'transient',
      'transient',
    );
    expect(way.asked).toEqual(['smtp-2', 'smtp-2', 'smtp-2']);
    expect(way.ending?.verdict).toEqual({ state: 'unknown', reason: 'owner-lost' });
  });

  it('is left to a person when nobody carries it any more by whom a copy may have been accepted', () => {
    const trail = [step('unknown', 'smtp-9')];
    expect(goesOn({ provider: 'smtp-9', attempts: 1, reason: 'no-answer', trail }).ending?.verdict).toEqual({
      state: 'unknown',
      reason: 'no-answer',
    });
  });

  it('begins anew when it was a dead letter that is replayed', () => {
    const again: Step = { ...step('restarted', null), reason: 'replayed' };
    const trail = [
      ...fourTimes('transient').map((result) => step(result)),
      step('rejected', 'noop', 'noop'),
      again,
    ];
    const way = goesOn({ channel: null, attempts: 5, reason: 'replayed', trail }, ...fourTimes('transient'));
    expect(way.asked).toEqual([...Array(4).fill('smtp'), 'smtp-2']);
  });

  it('has all tries of its provider again, and of no other, when a person decides that it is sent once more', () => {
    const again: Step = { ...step('restarted', null), reason: 'decided' };
    const trail = [step('unknown', 'smtp-2'), again];
    const way = goesOn(
      { provider: 'smtp-2', attempts: 1, reason: 'decided', trail },
      ...fourTimes('transient'),
    );
    expect(way.asked).toEqual(Array(4).fill('smtp-2'));
    expect(way.ending?.verdict).toEqual({ state: 'failed', reason: 'provider-unavailable' });
  });
});

describe('any way', () => {
  const legs = fc.constantFrom(
    [MAIL],
    [MAIL, NOOP],
    [NOOP, MAIL],
    [leg('email', 'smtp', 'smtp-2', 'smtp-3'), NOOP],
  );
  const answer = fc.oneof(
    fc.constantFrom<StepResult>(
      'transient',
      'transient',
      'unknown',
      'rejected',
      'no-address',
      'rate-limited',
    ),
    fc.constant(barred),
  );

  it('asks each provider four times at most, and nobody else once a copy may have been accepted', () => {
    fc.assert(
      fc.property(legs, fc.array(answer, { maxLength: 60 }), (all, answers) => {
        const chain = chainOf(...all);
        const { asked } = wayOf(chain, answers);
        const costly = new Map<string, number>();
        const doubted = answers.indexOf('unknown');
        const bound = asked[doubted];
        expect(doubted < 0 ? [] : asked.slice(doubted).filter((provider) => provider !== bound)).toEqual([]);
        asked.forEach((provider, index) => {
          const one = answers[index];
          if (one === 'transient' || one === 'unknown') costly.set(provider, (costly.get(provider) ?? 0) + 1);
        });
        for (const tries of costly.values()) expect(tries).toBeLessThanOrEqual(4);
      }),
    );
  });

  it('comes to an end when every attempt costs a try', () => {
    const costs = fc.constantFrom<StepResult>('transient', 'unknown', 'rejected', 'suppressed', 'accepted');
    fc.assert(
      fc.property(legs, fc.array(costs, { minLength: 20, maxLength: 20 }), (all, answers) => {
        const { ending } = wayOf(chainOf(...all), answers);
        expect(ending).not.toBeNull();
      }),
    );
  });

  it('is the same whether one owner goes it or several, each knowing what those before recorded', () => {
    const costs = fc.constantFrom<StepResult>('transient', 'rejected', 'suppressed', 'no-address');
    fc.assert(
      fc.property(legs, fc.array(costs, { maxLength: 12 }), (all, answers) => {
        const chain = chainOf(...all);
        const whole = wayOf(chain, answers);
        let trail: readonly Step[] = [];
        let place: Pick<Begun, 'channel' | 'provider'> = { channel: all[0]?.channel ?? null, provider: null };
        const asked: string[] = [];
        for (const one of [...answers, null]) {
          const attempts = trail.filter(
            ({ result }) => result === 'transient' || result === 'rejected',
          ).length;
          const progress = resume(chain, { ...place, attempts, reason: null, trail });
          const next = nextOf(chain, progress, 0, () => 0.5);
          if (next.kind === 'end') break;
          asked.push(next.provider);
          if (one === null) break;
          place = next;
          trail = [...trail, stepOf(next, one)];
        }
        expect(asked).toEqual(whole.asked);
      }),
    );
  });
});
