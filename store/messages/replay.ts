import type { PoolClient } from 'pg';
import { STATE_CODES } from '../../domain/delivery/state';
import { messageDay, messageStep } from '../../domain/messages/message-id';
import { writeAudit } from '../audit';
import type { Queries } from '../database';
import { noteTakenBack } from '../ledger-moves';
import type { Commander } from '../schedules';
import { inOrderlyTransaction } from '../transaction';
import { waitAgain } from './wait-again';
import type { SettledMessage, WaitsAgain } from './wait-again';

/** Which dead letters that belong to no schedule are meant: those that satisfy every part. */
export interface MessageReplay {
  /** UUID. */
  readonly id?: string | undefined;
  /** The customer's own id of a person. */
  readonly recipient?: string | undefined;
  /** Code of the reason that they failed for. */
  readonly reason?: number | undefined;
}

/** One transaction takes so many: few enough that nobody who sends waits long for the counters. */
const MOST = 5_000;

/**
 * Takes dead letters out of the ledger and has them wait again, due as they were, to be sent with all of their retries.
 * Returns them, at most some thousands at a time.
 */
export async function replayMessages(
  db: Queries,
  by: Commander,
  which: MessageReplay,
): Promise<WaitsAgain[]> {
  return inOrderlyTransaction(db, async (client) => {
    const failed = await lockFailed(client, by.tenantId, which);
    if (failed.length === 0) return [];
    const waiting = await waitAgain(client, by, 'failed', failed);
    await noteTakenBack(client, by.tenantId, { state: 'failed' }, movedOf(failed));
    await writeAudit(client, by.tenantId, {
      at: by.at,
      action: 'replay',
      actorId: by.actorId,
      scheduleId: null,
      payloadDiff: {
        changed: ['deliveries'],
        from: { deliveries: { failed: failed.length } },
        to: { deliveries: { resend: failed.length } },
      },
    });
    return waiting;
  });
}

async function lockFailed(
  client: PoolClient,
  tenantId: number,
  { id, recipient, reason }: MessageReplay,
): Promise<SettledMessage[]> {
  // Containers with failures come from the partial index counter_failed, each one's rows from delivery_failed of its
  // partition: the state is no parameter for their sake. Locked in the order in which everybody locks them, and with their
  // container: whoever drops its day holds that while they look for messages of it that wait.
  const { rows } = await client.query<SettledMessage>(
    `select d.occurrence_id, d.step, d.rid, d.channel, d.due
       from occurrence o
       join delivery d on d.day = o.day and d.occurrence_id = o.id
      where o.tenant_id = $1
        and o.schedule_id is null
        and o.dropped_at is null
        and o.id in (select c.occurrence_id from counter c where c.state = ${STATE_CODES.failed})
        and d.state = ${STATE_CODES.failed}
        and ($2::text is null or d.step = $2 and o.day = $3::date)
        and ($4::text is null or d.rid = (select rid from recipient where tenant_id = $1 and external_id = $4))
        and ($5::smallint is null or d.reason = $5)
        and exists (select 1 from recipient r where r.rid = d.rid and r.erased_at is null)
      order by d.occurrence_id, d.step, d.rid
      limit ${MOST}
        for update of d
        for key share of o`,
    [
      tenantId,
      id === undefined ? null : messageStep(id),
      id === undefined ? null : messageDay(id),
      recipient,
      reason,
    ],
  );
  return rows;
}

function movedOf(failed: readonly SettledMessage[]) {
  return failed.map(({ occurrence_id, channel }) => ({ occurrenceId: occurrence_id, channel, people: 1 }));
}
