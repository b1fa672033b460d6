import type { Channel } from '../channels/channel';
import { CHANNEL_CODES } from '../domain/delivery/channel';
import { REASON_CODES, stateOfCode, STATE_CODES } from '../domain/delivery/state';
import { placeAfter } from '../domain/caps/place';
import type { DeliveryState } from '../domain/delivery/state';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { SuppressionReason } from '../domain/delivery/suppression';
import type { AddressHash } from '../platform/address-hash';
import { newId } from '../platform/new-id';
import type { Queries } from '../store/database';
import { refuse, settle } from '../store/ledger-outcomes';
import type { Settlement } from '../store/ledger-outcomes';
import type { LedgerKey } from '../store/ledger-key';
import { suppress } from '../store/suppressions';
import type { NewSuppression } from '../store/suppressions';
import { inOrderlyTransaction, joining } from '../store/transaction';
import { entryOf } from './claim';
import type { Tally } from './contract';
import type { ActivityDeps } from './deps';
import type { Candidate, Verdict } from './gate';

/** Rows over which the writers of one count are spread. */
const COUNTER_SLOTS = 16;

/** Writes outcomes into the ledger and counts, in the tally and in the metrics, those that became rows of ours. */
export interface Outcomes {
  readonly channelCode: number;
  /** By state; the same object for as long as the page lives. */
  readonly counts: Tally;
  settle(settlements: readonly OutcomeOfClaim[]): Promise<void>;
  refuse(refused: readonly { candidate: Candidate; verdict: Verdict }[]): Promise<void>;
}

/** A settlement with what its lateness is measured from, and what it says of the address. */
export interface OutcomeOfClaim extends Settlement {
  readonly due: Instant;
  /** Set when the channel is to write to the address no more. */
  readonly suppress: { readonly hash: AddressHash; readonly reason: SuppressionReason } | null;
  /** Whether its message gives its place under the caps back. */
  readonly place: 'kept' | 'returned';
}

export function createOutcomes(
  { db, clock, metrics }: Pick<ActivityDeps, 'db' | 'clock' | 'metrics'>,
  tenantId: number,
  key: LedgerKey,
  channel: Channel,
  ownerId: string,
  before: Tally,
  giveBack: (rids: readonly string[]) => Promise<void>,
): Outcomes {
  const channelCode = CHANNEL_CODES[channel.name];
  const counter = { channel: channelCode, slot: Number.parseInt(ownerId.slice(0, 8), 16) % COUNTER_SLOTS };
  const labels = { channel: channel.name, provider: channel.provider };
  const counts: Tally = { ...before };

  function count(state: DeliveryState): void {
    counts[state] = (counts[state] ?? 0) + 1;
    if (state === 'sent') metrics.sent.inc(labels);
    if (state === 'failed') metrics.failed.inc(labels);
  }

  /** An address is suppressed with the outcome that says so, or not at all. */
  async function settleAndSuppress(
    within: Queries,
    settlements: readonly OutcomeOfClaim[],
  ): Promise<ReadonlySet<string>> {
    const ours = new Set(await settle(within, key, counter, settlements, ownerId));
    const suppressions = settlements.flatMap(({ rid, suppress: wanted, settledAt }): NewSuppression[] =>
      wanted === null || !ours.has(rid)
        ? []
        : [
            {
              ...wanted,
              id: newId('sup', settledAt),
              channel: channel.name,
              source: 'provider',
              createdBy: null,
              createdAt: new Date(settledAt),
            },
          ],
    );
    await suppress(within, tenantId, suppressions);
    return ours;
  }

  return {
    channelCode,
    counts,
    async settle(settlements) {
      const refusedAddresses = settlements.some(({ suppress: wanted }) => wanted !== null);
      const ours = refusedAddresses
        ? await inOrderlyTransaction(db, (client) => settleAndSuppress(joining(client), settlements))
        : new Set(await settle(db, key, counter, settlements, ownerId));
      for (const { rid, state, due, settledAt } of settlements) {
        if (!ours.has(rid)) continue;
        count(stateOfCode(state));
        if (state === STATE_CODES.sent) {
          metrics.lateness.observe({ channel: channel.name }, Math.max(0, settledAt - due) / SECOND);
        }
      }
      // Only now: a place that came back before its outcome stood could be taken while the message is sent after all.
      await giveBack(returned(settlements, ours, ({ place }) => place));
    },
    async refuse(refused) {
      const refusals = refused.map(({ candidate, verdict }) => ({
        ...entryOf(candidate),
        state: STATE_CODES[verdict.state],
        reason: verdict.reason === null ? null : REASON_CODES[verdict.reason],
      }));
      const ours = new Set(await refuse(db, key, counter, refusals, clock()));
      for (const { rid, state } of refusals) {
        if (ours.has(rid)) count(stateOfCode(state));
      }
      // An attempt at the page that was called off before it could claim may have taken a place.
      await giveBack(
        returned(refusals, ours, ({ state }) => placeAfter(stateOfCode(state), 'none-accepted')),
      );
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
