import { placeAfter } from '../domain/caps/place';
import { PROVIDERS } from '../domain/delivery/channel';
import type { ChannelName } from '../domain/delivery/channel';
import { REASON_CODES, stateOfCode, STATE_CODES } from '../domain/delivery/state';
import type { DeliveryState } from '../domain/delivery/state';
import type { SuppressionReason } from '../domain/delivery/suppression';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { AddressHash } from '../platform/address-hash';
import { newId } from '../platform/new-id';
import { whyLost } from '../store/address-holders';
import type { Queries } from '../store/database';
import type { LedgerKey } from '../store/ledger-key';
import { refuse, settle } from '../store/ledger-outcomes';
import type { Settlement } from '../store/ledger-outcomes';
import { reroute } from '../store/ledger-route';
import type { Rerouted } from '../store/ledger-route';
import { suppress } from '../store/suppressions';
import { inOrderlyTransaction, joining } from '../store/transaction';
import { entryOf } from './claim';
import type { Tally } from './contract';
import type { Moved } from './deliver';
import type { ActivityDeps } from './deps';
import type { Refused } from './first-channel';

/** Rows over which the writers of one count are spread. */
const COUNTER_SLOTS = 16;

/** Writes outcomes into the ledger and counts, in the tally and in the metrics, those that became rows of ours. */
export interface Outcomes {
  /** By state; the same object for as long as the page lives. */
  readonly counts: Tally;
  settle(settlements: readonly OutcomeOfClaim[]): Promise<void>;
  refuse(refused: readonly Refused[]): Promise<void>;
  /** Writes down where messages go next. Answers for each, in their order. */
  move(moves: readonly Move[]): Promise<Moved[]>;
}

/** An address that a channel is to write to no more, because its provider refused it. */
export interface Refusing {
  readonly channel: ChannelName;
  readonly hash: AddressHash;
  readonly reason: SuppressionReason;
}

/** A settlement with what its lateness is measured from, and what it says of addresses. */
export interface OutcomeOfClaim extends Settlement {
  readonly due: Instant;
  readonly suppress: readonly Refusing[];
  /** Whether its message gives its place under the caps back. */
  readonly place: 'kept' | 'returned';
}

/** A message on its way to another provider or channel, and what its steps before say of addresses. */
export interface Move extends Rerouted {
  readonly suppress: readonly Refusing[];
}

export function createOutcomes(
  { db, clock, metrics }: Pick<ActivityDeps, 'db' | 'clock' | 'metrics'>,
  tenantId: number,
  key: LedgerKey,
  ownerId: string,
  before: Tally,
  giveBack: (rids: readonly string[]) => Promise<void>,
): Outcomes {
  const slot = Number.parseInt(ownerId.slice(0, 8), 16) % COUNTER_SLOTS;
  const counts: Tally = { ...before };

  function count(state: DeliveryState, channel: ChannelName, asked: string | null): void {
    counts[state] = (counts[state] ?? 0) + 1;
    const labels = { channel, provider: asked ?? PROVIDERS[channel] ?? 'none' };
    if (state === 'sent') metrics.sent.inc(labels);
    if (state === 'failed') metrics.failed.inc(labels);
  }

  /** An address is suppressed with what says so of it, or not at all. */
  async function withSuppressions<T>(
    all: readonly Pick<Move, 'rid' | 'suppress'>[],
    write: (within: Queries) => Promise<T>,
    written: (result: T) => ReadonlySet<string>,
  ): Promise<T> {
    if (all.every(({ suppress: wanted }) => wanted.length === 0)) return write(db);
    return inOrderlyTransaction(db, async (client) => {
      const within = joining(client);
      const result = await write(within);
      const ours = written(result);
      const now = clock();
      const wanted = all.filter(({ rid }) => ours.has(rid)).flatMap((one) => one.suppress);
      await suppress(
        within,
        tenantId,
        wanted.map((one) => ({
          ...one,
          id: newId('sup', now),
          source: 'provider',
          createdBy: null,
          createdAt: new Date(now),
        })),
      );
      return result;
    });
  }

  /** What holds those up whose next address somebody else holds. */
  async function heldUp(moves: readonly Move[]): Promise<ReadonlyMap<string, Moved>> {
    if (moves.length === 0) return new Map();
    // Their rows are there: by rids that are nobody's, only the addresses are looked up.
    const lost = moves.map(({ addressKey }, index) => ({ rid: String(-1 - index), addressKey }));
    const why = await whyLost(db, key, lost);
    return new Map(
      moves.map(({ rid }, index) => [
        rid,
        why.get(String(-1 - index)) === 'duplicate' ? 'duplicate' : 'contested',
      ]),
    );
  }

  return {
    counts,
    async settle(settlements) {
      const ours = await withSuppressions(
        settlements,
        async (within) => new Set(await settle(within, key, slot, settlements, ownerId)),
        (rids) => rids,
      );
      for (const { rid, state, due, settledAt, channel, provider } of settlements) {
        if (!ours.has(rid)) continue;
        count(stateOfCode(state), channel, provider);
        if (state === STATE_CODES.sent) {
          metrics.lateness.observe({ channel }, Math.max(0, settledAt - due) / SECOND);
        }
      }
      // Only now: a place that came back before its outcome stood could be taken while the message is sent after all.
      await giveBack(returned(settlements, ours, ({ place }) => place));
    },
    async refuse(refused) {
      const refusals = refused.map(({ candidate, channel, verdict }) => ({
        ...entryOf(candidate),
        channel,
        state: STATE_CODES[verdict.state],
        reason: verdict.reason === null ? null : REASON_CODES[verdict.reason],
      }));
      const ours = new Set(await refuse(db, key, slot, refusals, clock()));
      for (const { rid, state, channel } of refusals) {
        if (ours.has(rid)) count(stateOfCode(state), channel, null);
      }
      // An attempt at the page that was called off before it could claim may have taken a place.
      await giveBack(
        returned(refusals, ours, ({ state }) => placeAfter(stateOfCode(state), 'none-accepted')),
      );
    },
    async move(moves) {
      const rerouted = await withSuppressions(
        moves,
        (within) => reroute(within, key, moves, ownerId),
        (found) => new Set([...found].flatMap(([rid, how]) => (how === 'moved' ? [rid] : []))),
      );
      const others = await heldUp(moves.filter(({ rid }) => rerouted.get(rid) === 'held-up'));
      return moves.map(({ rid }): Moved => {
        const how = rerouted.get(rid) ?? 'lost';
        return how === 'held-up' ? (others.get(rid) ?? 'contested') : how;
      });
    },
  };
}

function returned<T extends { readonly rid: string }>(
  outcomes: readonly T[],
  ours: ReadonlySet<string>,
  placeOf: (outcome: T) => 'kept' | 'returned',
): string[] {
  return outcomes.filter((one) => ours.has(one.rid) && placeOf(one) === 'returned').map(({ rid }) => rid);
}
