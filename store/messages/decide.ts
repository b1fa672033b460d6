import type { PoolClient } from 'pg';
import type { Decision } from '../../domain/delivery/doubt';
import { STATE_CODES } from '../../domain/delivery/state';
import { messageDay, messageStep } from '../../domain/messages/message-id';
import { writeAudit } from '../audit';
import type { Queries } from '../database';
import { moveRows } from '../ledger-moves';
import type { Commander } from '../schedules';
import { inOrderlyTransaction } from '../transaction';
import { waitAgain } from './wait-again';
import type { SettledMessage, WaitsAgain } from './wait-again';

export type MessageDecided =
  | { readonly kind: 'recorded' }
  | { readonly kind: 'resent'; readonly message: WaitsAgain }
  /** It is not `unknown`, or not any more. */
  | { readonly kind: 'nothing' };

/** Settles a message that belongs to no schedule and waits for a person, or has it sent once more. */
export async function decideMessage(
  db: Queries,
  by: Commander,
  uuid: string,
  decision: Decision,
): Promise<MessageDecided> {
  return inOrderlyTransaction(db, async (client): Promise<MessageDecided> => {
    const undecided = await lockUndecided(client, by.tenantId, uuid);
    if (!undecided) return { kind: 'nothing' };
    const decided = await carryOut(client, by, undecided, decision);
    await writeAudit(client, by.tenantId, {
      at: by.at,
      action: 'decide',
      actorId: by.actorId,
      scheduleId: null,
      payloadDiff: {
        changed: ['deliveries'],
        from: { deliveries: { unknown: 1 } },
        to: { deliveries: { [decision]: 1 } },
      },
    });
    return decided;
  });
}

async function carryOut(
  client: PoolClient,
  by: Commander,
  undecided: SettledMessage,
  decision: Decision,
): Promise<MessageDecided> {
  switch (decision) {
    case 'resend': {
      const [message] = await waitAgain(client, by, 'unknown', [undecided]);
      return message ? { kind: 'resent', message } : { kind: 'nothing' };
    }
    case 'sent':
    case 'failed': {
      const { occurrence_id: container, step, rid } = undecided;
      await moveRows(client, by, [container], { state: 'unknown', row: { step, rid } }, decision);
      return { kind: 'recorded' };
    }
  }
}

async function lockUndecided(
  client: PoolClient,
  tenantId: number,
  uuid: string,
): Promise<SettledMessage | undefined> {
  // Served by occurrence_container and the partial index delivery_unknown of its partition: the state is no parameter for
  // its sake. Its container is held as by a replay.
  const { rows } = await client.query<SettledMessage>(
    `select d.occurrence_id, d.step, d.rid, d.channel, d.due
       from occurrence o
       join delivery d on d.day = o.day and d.occurrence_id = o.id
      where o.tenant_id = $1
        and o.day = $2::date
        and o.schedule_id is null
        and o.dropped_at is null
        and d.step = $3
        and d.state = ${STATE_CODES.unknown}
        for update of d
        for key share of o`,
    [tenantId, messageDay(uuid), messageStep(uuid)],
  );
  return rows[0];
}
