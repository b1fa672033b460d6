import { performance } from 'node:perf_hooks';
import type { Channel } from '../channels/channel';
import { placeAfter } from '../domain/caps/place';
import type { InlineContent } from '../domain/content/content';
import type { Ending } from '../domain/delivery/chain';
import type { ChannelName } from '../domain/delivery/channel';
import { DEFAULT_PRIORITY } from '../domain/delivery/priority';
import { REASON_CODES, STATE_CODES } from '../domain/delivery/state';
import type { Step } from '../domain/delivery/step';
import { suppressionAfter } from '../domain/delivery/suppression';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { PersonRow } from '../store/audience';
import { findObstacles } from '../store/last-look';
import type { Claim, Returned } from '../store/ledger';
import type { OccurrenceRecord } from '../store/occurrences';
import type { Addresses } from './addresses';
import { claimKeyOf } from './addresses';
import type { Moved, Parcel } from './deliver';
import type { ActivityDeps } from './deps';
import { createDispatch } from './dispatch';
import type { Settled } from './dispatch';
import { TEMPLATE_MISSING } from './gate';
import type { Verdict } from './gate';
import { unlessDoubted } from './held';
import type { Place, RouteLeg, Told } from './journey';
import type { Lane } from './lane';
import type { Leases } from './leases';
import { createMoves } from './moves';
import type { OutcomeOfClaim, Outcomes, Refusing } from './outcomes';
import type { PageLog } from './page-log';
import type { Recorder } from './record';
import { compose, messageIdOf } from './render';
import type { Composed } from './render';

/** What a page hands its claimed people over to: renders, sends and records them, many at a time. */
export interface PageDispatch {
  /** Opens what the first channel needs open, for those who are about to be sent to. */
  warmUp(): void;
  /** Renders a person's message for the first channel before its claim. Returns its length, in characters. */
  prepare(person: PersonRow): number;
  /** Puts a claimed person on the way. */
  send(claim: Claim, person: PersonRow, how: Sending): void;
  /** Ends a claim without sending. */
  settle(claim: Claim, verdict: Verdict): void;
  /** How many people have had their first attempt. */
  attempted(): number;
  /** Resolves when fewer than `most` people wait for their first attempt. */
  room(most: number): Promise<void>;
  /** Resolves when nobody is on the way. */
  rest(): Promise<PageRemainder>;
}

interface Sending {
  /** When it was begun to look at what may stand in their way. */
  readonly seenAt: Instant;
  /** Channels that cannot write to them. */
  readonly passedOver: readonly Step[];
}

/** Who was left without an outcome by a stop, and what a delivery failed with that concerns more than its person. */
interface PageRemainder {
  readonly unsent: readonly Returned[];
  readonly failure: { readonly error: unknown } | null;
}

export interface PageDispatchTerms {
  readonly tenantId: number;
  readonly scheduleId: string;
  readonly record: OccurrenceRecord;
  readonly content: InlineContent | null;
  readonly route: readonly [RouteLeg, ...RouteLeg[]];
  readonly addresses: Addresses;
  readonly laneOf: (provider: Channel) => Lane;
  readonly leases: Leases;
  readonly outcomes: Pick<Outcomes, 'move'>;
  readonly recorder: Recorder<OutcomeOfClaim>;
  readonly log: PageLog;
  readonly stop: AbortSignal;
  readonly cancelled: AbortSignal;
}

/** What an outcome says beside its ending. */
interface Written {
  readonly locale: string | null;
  readonly at: Instant;
  readonly suppress: readonly Refusing[];
}

/** A person's message on the way. */
interface PersonParcel extends Parcel {
  readonly claim: Claim;
  readonly person: PersonRow;
}

export function createPageDispatch(deps: ActivityDeps, terms: PageDispatchTerms): PageDispatch {
  const { db, clock, metrics } = deps;
  const { tenantId, scheduleId, record, content, route, addresses, leases, recorder, log } = terms;
  const { config } = record;
  const context = { tenantId, priority: config.priority ?? DEFAULT_PRIORITY };
  const [first] = route;
  const prepared = new Map<string, Composed>();
  const moves = createMoves(terms.outcomes.move);

  function composeFor(text: InlineContent, person: PersonRow, channel: ChannelName): Composed {
    const started = performance.now();
    const id = messageIdOf(scheduleId, record.nominal, record.step, person.rid);
    const composed = compose(channel, config.data, text, person, addresses.of(person, channel), id);
    metrics.render.observe({ channel }, (performance.now() - started) / SECOND);
    return composed;
  }

  function composeParcel({ person }: PersonParcel, channel: ChannelName): Composed {
    const ready = channel === first.channel ? prepared.get(person.rid) : undefined;
    prepared.delete(person.rid);
    if (ready) return ready;
    return content === null
      ? { kind: 'refused', verdict: TEMPLATE_MISSING }
      : composeFor(content, person, channel);
  }

  /** Every message comes by here: its outcome is written out, because spreading one costs as much as its way. */
  function note(claim: Claim, ending: Ending, { attempts, doubt, steps }: Told, of: Written): void {
    const { state, reason } = ending.verdict;
    const certain = isCertain(claim) && doubt === null;
    recorder.add({
      rid: claim.rid,
      due: claim.due,
      channel: ending.channel,
      provider: ending.provider,
      state: STATE_CODES[state],
      reason: reason === null ? null : REASON_CODES[reason],
      attempts,
      locale: of.locale,
      settledAt: of.at,
      steps,
      suppress: of.suppress,
      place: placeAfter(state, certain ? 'none-accepted' : 'perhaps-accepted'),
    });
  }

  /** What its attempts say of the addresses that they went to. */
  function refusing(
    person: PersonRow,
    steps: readonly Pick<Step, 'channel' | 'result' | 'reason'>[],
  ): Refusing[] {
    return steps.flatMap(({ channel, result, reason }) => {
      const why = result === 'rejected' ? suppressionAfter(reason) : null;
      if (why === null || channel === null) return [];
      const address = addresses.of(person, channel);
      return address.kind === 'address' ? [{ channel, hash: address.hash, reason: why }] : [];
    });
  }

  function settled({ claim, person }: PersonParcel, outcome: Settled): void {
    const { ending, steps, locale, at } = outcome;
    const { state, reason } = ending.verdict;
    const last = { channel: ending.channel, result: 'rejected', reason } as const;
    const suppress = refusing(person, state === 'failed' ? [...steps, last] : steps);
    note(claim, ending, outcome, { locale, at, suppress });
  }

  async function move({ claim, person }: PersonParcel, to: Place, steps: readonly Step[]): Promise<Moved> {
    const addressKey = claimKeyOf(addresses.of(person, to.channel));
    return moves({ ...to, rid: claim.rid, addressKey, steps, suppress: refusing(person, steps) });
  }

  const dispatch = createDispatch<PersonParcel>(deps, {
    ...terms,
    laneOf: (_, provider) => terms.laneOf(provider),
    holds: (rid) => leases.holds(rid),
    compose: composeParcel,
    obstacles: (channel, waiting) =>
      findObstacles(
        db,
        tenantId,
        scheduleId,
        channel,
        waiting.map(({ key, person }) => {
          const address = addresses.of(person, channel);
          return { rid: key, hash: address.kind === 'address' ? address.hash : null };
        }),
      ),
    move,
    // Whoever is claimed when a worker dies waits: no more of a page are claimed than its provider takes.
    paced: () => 'waited-for',
    attempted({ key }, provider, result) {
      if (result.kind !== 'unavailable') log.called(key, provider, result);
      if (result.kind === 'rate-limited') {
        metrics.rateLimited.inc({ channel: provider.name, provider: provider.provider });
      }
    },
    settled,
    lost: ({ key }) => leases.release(key),
  });

  function settle(claim: Claim, verdict: Verdict): void {
    const { provider, attempts } = claim;
    const ending = { channel: claim.channel ?? first.channel, provider, verdict };
    const told = { attempts, doubt: null, steps: [] };
    note(claim, ending, told, { locale: null, at: clock(), suppress: [] });
  }

  return {
    warmUp() {
      for (const provider of first.providers) provider.warmUp?.();
    },
    prepare(person) {
      if (content === null) return 0;
      const composed = composeFor(content, person, first.channel);
      prepared.set(person.rid, composed);
      if (composed.kind !== 'message') return 0;
      const { subject, title, body, html } = composed.message;
      return [subject, title, body, html].reduce((sum, text) => sum + (text?.length ?? 0), 0);
    },
    send(claim, person, { seenAt, passedOver }) {
      if (content === null) {
        settle(claim, unlessDoubted(claim, TEMPLATE_MISSING));
        return;
      }
      dispatch.send({
        key: claim.rid,
        context,
        route,
        onUnknown: config.onUnknown ?? 'resend',
        begun: claim,
        passedOver,
        expiresAt: claim.due + config.expiresAfterMs,
        seenAt,
        claim,
        person,
      });
    },
    settle,
    attempted: () => dispatch.attempted(),
    room: (most) => dispatch.room(most),
    async rest() {
      const { unsent, failure } = await dispatch.rest();
      return {
        unsent: unsent.map(({ parcel, attempts, doubt, steps }) => ({
          rid: parcel.key,
          attempts,
          doubt,
          steps,
        })),
        failure,
      };
    },
  };
}

/** But for what failed and was replayed, a claim has a reason only when its message left before, or may have. */
function isCertain({ reason }: Claim): boolean {
  return reason === null || reason === 'replayed';
}
