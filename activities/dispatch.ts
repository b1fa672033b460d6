import { setMaxListeners } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { Channel } from '../channels/channel';
import { placeAfter } from '../domain/caps/place';
import { isDoubt } from '../domain/delivery/doubt';
import { DEFAULT_PRIORITY } from '../domain/delivery/priority';
import type { Doubt } from '../domain/delivery/doubt';
import { STATE_CODES, REASON_CODES } from '../domain/delivery/state';
import { suppressionAfter } from '../domain/delivery/suppression';
import type { InlineContent } from '../domain/content/content';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { AddressHash } from '../platform/address-hash';
import type { PersonRow } from '../store/audience';
import type { Claim, Returned } from '../store/ledger';
import { findObstacles } from '../store/last-look';
import { deliver } from './deliver';
import type { Delivered, DeliveryTerms } from './deliver';
import type { Addresses } from './addresses';
import type { ActivityDeps } from './deps';
import type { Verdict } from './gate';
import type { Lane } from './lane';
import { unlessDoubted } from './held';
import { createLastLook } from './last-look';
import type { Leases } from './leases';
import type { OccurrenceRecord } from '../store/occurrences';
import type { OutcomeOfClaim } from './outcomes';
import type { PageLog } from './page-log';
import type { Recorder } from './record';
import { compose, messageIdOf } from './render';
import type { Composed } from './render';

/** What a page hands its claimed people over to: renders, sends and records them, many at a time. */
export interface Dispatch {
  /** Opens what the channel needs open, for those who are about to be sent to. */
  warmUp(): void;
  /** Renders a person's message before its claim. Returns its length, in characters. */
  prepare(person: PersonRow): number;
  /** Puts a claimed person on the way. @param seenAt when it was begun to look at what may stand in their way. */
  send(claim: Claim, person: PersonRow, seenAt: Instant): void;
  /** Ends a claim without sending. */
  settle(claim: Claim, verdict: Verdict): void;
  /** How many people have had their first attempt. */
  attempted(): number;
  /** Resolves when fewer than `most` people wait for their first attempt. */
  room(most: number): Promise<void>;
  /** Resolves when nobody is on the way. */
  rest(): Promise<Remainder>;
}

/** Who was left without an outcome by a stop, and what a delivery failed with that concerns more than its person. */
interface Remainder {
  readonly unsent: readonly Returned[];
  readonly failure: { readonly error: unknown } | null;
}

export interface DispatchTerms {
  readonly tenantId: number;
  readonly scheduleId: string;
  readonly record: OccurrenceRecord;
  readonly content: InlineContent | null;
  readonly channel: Channel;
  readonly addresses: Addresses;
  readonly lane: Lane;
  readonly leases: Leases;
  readonly recorder: Recorder;
  readonly log: PageLog;
  readonly stop: AbortSignal;
  readonly cancelled: AbortSignal;
}

export function createDispatch(deps: ActivityDeps, terms: DispatchTerms): Dispatch {
  const { db, clock, random, sleep, metrics } = deps;
  const { tenantId, scheduleId, record, content, channel, addresses, lane, leases } = terms;
  const { recorder, log, stop, cancelled } = terms;
  const { config } = record;

  const onTheWay = new Set<Promise<void>>();
  const unattempted = new Set<string>();
  const unsent: Returned[] = [];
  const prepared = new Map<string, Composed>();
  /** Under which hash the address of each who is on the way would be suppressed. */
  const hashes = new Map<string, AddressHash>();
  let failure: Remainder['failure'] = null;
  let noticeRoom: (() => void) | undefined;

  let seen = 0;
  const attempted = (rid: string): void => {
    if (!unattempted.delete(rid)) return;
    seen += 1;
    noticeRoom?.();
  };

  const calledOff = AbortSignal.any([stop, cancelled]);
  // Everybody who waits for a retry listens.
  setMaxListeners(0, calledOff);

  const deliveryTerms: DeliveryTerms = {
    channel,
    context: { tenantId, priority: config.priority ?? DEFAULT_PRIORITY },
    lane,
    expiresAfterMs: config.expiresAfterMs,
    onUnknown: config.onUnknown ?? 'resend',
    clock,
    random,
    sleep: (ms) => sleep(ms, calledOff),
    stop,
    cancelled,
    holds: (rid) => leases.holds(rid),
    standing: createLastLook(
      clock,
      () => unattempted,
      (rids) =>
        findObstacles(
          db,
          tenantId,
          scheduleId,
          channel.name,
          rids.map((rid) => ({ rid, hash: hashes.get(rid) ?? null })),
        ),
    ),
    attempted: (rid, result) => {
      attempted(rid);
      if (result.kind !== 'unavailable') log.called(rid, result);
      if (result.kind === 'rate-limited') {
        metrics.rateLimited.inc({ channel: channel.name, provider: channel.provider });
      }
    },
  };

  function note(
    { rid, due, reason }: Claim,
    verdict: Verdict,
    attempts: number,
    locale: string | null,
    at: Instant,
    doubt: Doubt | null,
    suppress: OutcomeOfClaim['suppress'] = null,
  ): void {
    // But for what failed and was replayed, a claim has a reason only when its message left before, or may have.
    const certain = (reason === null || reason === 'replayed') && doubt === null;
    const earlier = certain ? 'none-accepted' : 'perhaps-accepted';
    recorder.add({
      rid,
      due,
      state: STATE_CODES[verdict.state],
      reason: verdict.reason === null ? null : REASON_CODES[verdict.reason],
      attempts,
      locale,
      settledAt: at,
      suppress,
      place: placeAfter(verdict.state, earlier),
    });
  }

  function settle(claim: Claim, verdict: Verdict): void {
    note(claim, verdict, claim.attempts, null, clock(), null);
  }

  function composeFor(text: InlineContent, person: PersonRow): Composed {
    const started = performance.now();
    const id = messageIdOf(scheduleId, record.nominal, record.step, person.rid);
    const composed = compose(config, text, person, addresses.of(person), id);
    metrics.render.observe({ channel: channel.name }, (performance.now() - started) / SECOND);
    return composed;
  }

  /** What came of an attempt, said of the address that it went to. */
  function suppressionBy({ rid }: Claim, { state, reason }: Verdict): OutcomeOfClaim['suppress'] {
    const hash = hashes.get(rid);
    const why = state === 'failed' ? suppressionAfter(reason) : null;
    return hash === undefined || why === null ? null : { hash, reason: why };
  }

  function finish(claim: Claim, locale: string, delivered: Delivered): void {
    switch (delivered.kind) {
      case 'settled':
        note(
          claim,
          delivered.verdict,
          delivered.attempts,
          locale,
          delivered.at,
          delivered.doubt,
          suppressionBy(claim, delivered.verdict),
        );
        break;
      case 'unsent':
        unsent.push({ rid: claim.rid, attempts: delivered.attempts, doubt: delivered.doubt });
        break;
      case 'broken':
        failure ??= { error: delivered.error };
        unsent.push({ rid: claim.rid, attempts: delivered.attempts, doubt: delivered.doubt });
        break;
      case 'lost':
        leases.release(claim.rid);
        break;
    }
  }

  return {
    warmUp: () => channel.warmUp?.(),
    prepare(person) {
      if (content === null) return 0;
      const composed = composeFor(content, person);
      prepared.set(person.rid, composed);
      if (composed.kind !== 'message') return 0;
      const { subject, title, body, html } = composed.message;
      return [subject, title, body, html].reduce((sum, text) => sum + (text?.length ?? 0), 0);
    },
    send(claim, person, seenAt) {
      const { rid, due, attempts, reason } = claim;
      if (content === null) {
        settle(claim, unlessDoubted(claim, { state: 'failed', reason: 'template-missing' }));
        return;
      }
      const composed = prepared.get(claim.rid) ?? composeFor(content, person);
      prepared.delete(claim.rid);
      if (composed.kind === 'refused') {
        settle(claim, unlessDoubted(claim, composed.verdict));
        return;
      }
      if (composed.kind === 'unreadable') {
        failure ??= { error: composed.error };
        unsent.push({ rid, attempts, doubt: isDoubt(reason) ? reason : null });
        return;
      }

      const address = addresses.of(person);
      if (address.kind === 'address') hashes.set(rid, address.hash);
      unattempted.add(rid);
      const parcel = { rid, message: composed.message, due, attempts, reason, seenAt };
      const delivery = deliver(parcel, deliveryTerms)
        .then((delivered) => finish(claim, composed.locale, delivered))
        .finally(() => {
          onTheWay.delete(delivery);
          hashes.delete(rid);
          attempted(rid);
        });
      onTheWay.add(delivery);
    },
    settle,
    attempted: () => seen,
    async room(most) {
      while (unattempted.size >= most) {
        await new Promise<void>((resolve) => {
          noticeRoom = resolve;
        });
      }
    },
    async rest() {
      while (onTheWay.size > 0) await Promise.all(onTheWay);
      return { unsent, failure };
    },
  };
}
