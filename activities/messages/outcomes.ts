import { placeAfter } from '../../domain/caps/place';
import { isCounted } from '../../domain/caps/rule';
import { PROVIDERS } from '../../domain/delivery/channel';
import { REASON_CODES, STATE_CODES, stateOfCode } from '../../domain/delivery/state';
import type { Verdict } from '../../domain/delivery/verdict';
import { messageStep } from '../../domain/messages/message-id';
import { SECOND } from '../../domain/time/instant';
import { newId } from '../../platform/new-id';
import type { Queries } from '../../store/database';
import type { ReadyMessage } from '../../store/messages/pick';
import { refuseMessages, settleMessages } from '../../store/messages/settle';
import type { MessageOutcome } from '../../store/messages/settle';
import { suppress } from '../../store/suppressions';
import { inOrderlyTransaction, joining } from '../../store/transaction';
import type { Tally } from '../contract';
import type { ActivityDeps } from '../deps';
import type { Refusing } from '../outcomes';
import { byTenant } from './by-tenant';

/** Rows over which the writers of one count are spread. */
const COUNTER_SLOTS = 16;

/** How a message ended, with what that says of its address and of its place under the caps. */
export interface OutcomeOfMessage extends MessageOutcome {
  readonly message: ReadyMessage;
  readonly suppress: readonly Refusing[];
  readonly place: 'kept' | 'returned';
}

/** Writes outcomes into the ledger, and counts those that became rows of ours. */
export interface MessageOutcomes {
  /** By state; the same object for as long as the delivery lives. */
  readonly counts: Tally;
  /** Of messages that are claimed. */
  settle(outcomes: readonly OutcomeOfMessage[]): Promise<void>;
  /** Of messages that nobody claimed. */
  refuse(refused: readonly { readonly message: ReadyMessage; readonly verdict: Verdict }[]): Promise<void>;
}

export function createMessageOutcomes(
  { db, clock, metrics, places }: Pick<ActivityDeps, 'db' | 'clock' | 'metrics' | 'places'>,
  ownerId: string,
): MessageOutcomes {
  const slot = Number.parseInt(ownerId.slice(0, 8), 16) % COUNTER_SLOTS;
  const counts: Tally = {};

  async function note(outcomes: readonly OutcomeOfMessage[], ours: ReadonlySet<string>): Promise<void> {
    const mine = outcomes.filter(({ id }) => ours.has(id));
    for (const { message, provider, ...outcome } of mine) {
      const { channel } = message;
      const state = stateOfCode(outcome.state);
      counts[state] = (counts[state] ?? 0) + 1;
      const labels = { channel, provider: provider ?? PROVIDERS[channel] ?? 'none' };
      if (state === 'failed') metrics.failed.inc(labels);
      if (state !== 'sent') continue;
      metrics.sent.inc(labels);
      metrics.lateness.observe({ channel }, Math.max(0, outcome.settledAt - message.due) / SECOND);
    }
    // Only now: a place that came back before its outcome stood could be taken while the message is sent after all.
    await Promise.all(
      mine
        .filter(({ place, message }) => place === 'returned' && isCounted(message.category))
        .map(({ message }) => places.giveBack(message.tenantId, placeOf(message), [message.rid])),
    );
  }

  return {
    counts,
    async settle(outcomes) {
      const write = async (within: Queries) => new Set(await settleMessages(within, outcomes, ownerId, slot));
      const refused = outcomes.some((one) => one.suppress.length > 0);
      // An address is suppressed with what says so of it, or not at all.
      const ours = refused
        ? await inOrderlyTransaction(db, async (client) => {
            const within = joining(client);
            const written = await write(within);
            await suppressAll(
              within,
              outcomes.filter(({ id }) => written.has(id)),
              clock(),
            );
            return written;
          })
        : await write(db);
      await note(outcomes, ours);
    },
    async refuse(refused) {
      const now = clock();
      const outcomes = refused.map(({ message, verdict }) => outcomeOf(message, verdict, now));
      await note(outcomes, new Set(await refuseMessages(db, outcomes, now, slot)));
    },
  };
}

/** What a message is known by under the caps. */
export function placeOf({ containerId, id }: Pick<ReadyMessage, 'containerId' | 'id'>) {
  return { occurrenceId: containerId, step: messageStep(id) };
}

function outcomeOf(message: ReadyMessage, { state, reason }: Verdict, settledAt: number): OutcomeOfMessage {
  return {
    message,
    id: message.id,
    channel: message.channel,
    provider: message.provider,
    state: STATE_CODES[state],
    reason: reason === null ? null : REASON_CODES[reason],
    attempts: message.attempts,
    locale: null,
    settledAt,
    steps: [],
    suppress: [],
    place: placeAfter(state, isCertain(message) ? 'none-accepted' : 'perhaps-accepted'),
  };
}

/** But for what failed and was replayed, a message has a reason only when it left before, or may have. */
export function isCertain({ reason }: Pick<ReadyMessage, 'reason'>): boolean {
  return reason === null || reason === 'replayed';
}

async function suppressAll(
  within: Queries,
  outcomes: readonly OutcomeOfMessage[],
  now: number,
): Promise<void> {
  for (const [tenantId, ofTenant] of byTenant(outcomes, ({ message }) => message.tenantId)) {
    const wanted = ofTenant.flatMap((one) => one.suppress);
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
  }
}
