import { hash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { placeAfter } from '../../domain/caps/place';
import type { InlineContent } from '../../domain/content/content';
import type { ChannelName } from '../../domain/delivery/channel';
import { REASON_CODES, STATE_CODES } from '../../domain/delivery/state';
import { suppressionAfter } from '../../domain/delivery/suppression';
import type { Step } from '../../domain/delivery/step';
import { SECOND } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import type { PersonRow } from '../../store/audience';
import { findObstaclesOf } from '../../store/last-look';
import type { Obstacles } from '../../store/last-look';
import type { ReadyMessage } from '../../store/messages/pick';
import { rerouteMessages } from '../../store/messages/reroute';
import type { ReroutedMessage } from '../../store/messages/reroute';
import type { Addresses } from '../addresses';
import type { Parcel } from '../deliver';
import { createDispatch } from '../dispatch';
import type { Dispatch, Settled } from '../dispatch';
import { createMoves } from '../moves';
import type { Refusing } from '../outcomes';
import type { PageDeps } from '../page-state';
import type { Recorder } from '../record';
import { compose } from '../render';
import type { Composed } from '../render';
import type { Leases } from '../leases';
import { byTenant } from './by-tenant';
import type { MessageLog } from './log';
import { isCertain } from './outcomes';
import type { OutcomeOfMessage } from './outcomes';

/** A claimed message on the way. */
export interface MessageParcel extends Parcel {
  readonly message: ReadyMessage;
  readonly person: PersonRow;
  readonly addresses: Addresses;
  readonly content: InlineContent;
  readonly data: Readonly<Record<string, unknown>>;
}

interface MessageDispatchTerms {
  readonly leases: Leases;
  readonly recorder: Recorder<OutcomeOfMessage>;
  readonly log: MessageLog;
  readonly stop: AbortSignal;
}

/** Individual messages are cancelled one by one, by their rows. */
const NEVER = new AbortController().signal;

export interface MessageDispatch extends Dispatch<MessageParcel> {
  /** Tenants of whom as many messages or more wait for a turn under their provider's rate. */
  pacedTenants(most: number): number[];
  /** When a message that was not sent is to be tried again. */
  retryAt(parcel: MessageParcel, attempts: number): Instant;
}

/** What a delivery hands its claimed messages over to. */
export function createMessageDispatch(
  deps: PageDeps,
  { leases, recorder, log, stop }: MessageDispatchTerms,
): MessageDispatch {
  const { db, clock, random, metrics } = deps;
  /** Those who wait for a turn, and until when at least. */
  const turns = new Map<string, { readonly tenantId: number; readonly at: Instant }>();

  const moves = createMoves(async (messages: readonly ReroutedMessage[]) => {
    const mine = new Set(await rerouteMessages(db, messages, leases.owner().id));
    return messages.map(({ id }) => (mine.has(id) ? 'moved' : 'lost'));
  });

  function composeParcel(parcel: MessageParcel, channel: ChannelName): Composed {
    const { message, person, addresses, content, data } = parcel;
    const started = performance.now();
    const composed = compose(
      channel,
      data,
      content,
      person,
      addresses.of(person, channel),
      sentAs(message.id),
    );
    metrics.render.observe({ channel }, (performance.now() - started) / SECOND);
    return composed;
  }

  async function obstacles(channel: ChannelName, waiting: readonly MessageParcel[]): Promise<Obstacles> {
    const looks = byTenant(waiting, ({ message }) => message.tenantId).map(async ([tenantId, parcels]) => {
      const people = parcels.map(({ person, addresses }) => {
        const address = addresses.of(person, channel);
        return { rid: person.rid, hash: address.kind === 'address' ? address.hash : null };
      });
      const found = await findObstaclesOf(db, tenantId, channel, people);
      return parcels.map(({ key, person }) => ({
        key,
        isReachable: found.reachable.has(person.rid),
        suppression: found.suppressed.get(person.rid),
      }));
    });
    const found = (await Promise.all(looks)).flat();
    return {
      cancelled: false,
      reachable: new Set(found.filter(({ isReachable }) => isReachable).map(({ key }) => key)),
      suppressed: new Map(
        found.flatMap(({ key, suppression }) =>
          suppression === undefined ? [] : [[key, suppression] as const],
        ),
      ),
    };
  }

  function settled(parcel: MessageParcel, { ending, steps, attempts, locale, at, doubt }: Settled): void {
    const { message } = parcel;
    turns.delete(message.id);
    const { channel, provider, verdict } = ending;
    const last = { channel, result: 'rejected', reason: verdict.reason } as const;
    recorder.add({
      message,
      id: message.id,
      channel,
      provider,
      state: STATE_CODES[verdict.state],
      reason: verdict.reason === null ? null : REASON_CODES[verdict.reason],
      attempts,
      locale,
      settledAt: at,
      steps,
      suppress: refusing(parcel, verdict.state === 'failed' ? [...steps, last] : steps),
      place: placeAfter(
        verdict.state,
        isCertain(message) && doubt === null ? 'none-accepted' : 'perhaps-accepted',
      ),
    });
  }

  const dispatch = createDispatch<MessageParcel>(deps, {
    stop,
    cancelled: NEVER,
    laneOf: ({ message: { tenantId, priority } }, provider) =>
      deps.laneOf(provider).of({ tenantId, priority }),
    holds: (id) => leases.holds(id),
    compose: composeParcel,
    obstacles,
    move: ({ message: { id, channel } }, { provider }, steps) => moves({ id, channel, provider, steps }),
    // One tenant's turn is nothing that the others wait for.
    paced({ key, message: { tenantId } }, at) {
      turns.set(key, { tenantId, at });
      return 'passed-by';
    },
    attempted({ message }, provider, result) {
      turns.delete(message.id);
      if (result.kind !== 'unavailable') log.called(message, provider, result);
      if (result.kind === 'rate-limited') {
        metrics.rateLimited.inc({ channel: provider.name, provider: provider.provider });
      }
    },
    settled,
    lost({ key }) {
      turns.delete(key);
      leases.release(key);
    },
  });

  return {
    ...dispatch,
    pacedTenants: (most) =>
      byTenant([...turns.values()], ({ tenantId }) => tenantId).flatMap(([tenantId, waiting]) =>
        waiting.length >= most ? [tenantId] : [],
      ),
    retryAt(parcel, attempts) {
      const now = clock();
      const turnInMs = Math.max((turns.get(parcel.key)?.at ?? now) - now, 0);
      return now + retryInMs(parcel, attempts, turnInMs, random());
    },
  };
}

/** What its attempts say of the address that they went to. */
function refusing(
  { person, addresses }: MessageParcel,
  steps: readonly Pick<Step, 'channel' | 'result' | 'reason'>[],
): Refusing[] {
  return steps.flatMap(({ channel, result, reason }) => {
    const why = result === 'rejected' ? suppressionAfter(reason) : null;
    if (why === null || channel === null) return [];
    const address = addresses.of(person, channel);
    return address.kind === 'address' ? [{ channel, hash: address.hash, reason: why }] : [];
  });
}

/** The id that mailboxes and providers know a message by: the same for every attempt, and another than ours. */
function sentAs(uuid: string): string {
  return hash('sha256', `message\n${uuid}`).slice(0, 32);
}

function retryInMs(
  { route, begun }: MessageParcel,
  attempts: number,
  turnInMs: number,
  random: number,
): number {
  if (attempts === begun.attempts) {
    const barredMs = Math.min(
      ...route.flatMap(({ providers }) => providers.map((one) => one.barredMs?.() ?? 0)),
    );
    return Math.min(Math.max(barredMs, turnInMs), LONGEST_WAIT) * (1 + 0.2 * random);
  }
  return Math.min(FIRST_WAIT * 4 ** (attempts - 1), LONGEST_WAIT) * (0.8 + 0.4 * random);
}

/** As the retries of a message that its process still holds (domain/delivery/chain.ts). */
const FIRST_WAIT = 2 * SECOND;
const LONGEST_WAIT = 60 * SECOND;
