import type { Decision } from '../domain/delivery/doubt';
import { writeAudit } from './audit';
import type { Queries } from './database';
import { isOver, lockOccurrences, moveRows, reopen } from './ledger-moves';
import type { Destination, Selection } from './ledger-moves';
import { lockSchedule } from './schedules';
import type { Commander, ScheduleRecord } from './schedules';
import { inTransaction } from './transaction';

/** Of which undecided messages of a schedule: of all, of one occurrence, of one person. */
export type Undecided = Pick<Selection, 'occurrence' | 'recipient'>;

export type Decided =
  /** `people` is 0 when nobody was waiting, or all were decided on before. */
  | { readonly kind: 'done'; readonly people: number }
  /** Nothing of the schedule is sent any more; nothing was written. */
  | { readonly kind: 'over'; readonly record: ScheduleRecord }
  | { readonly kind: 'unknown' };

/** The state that each decision gives a row. */
const STATE_OF = { resend: 'claimed', sent: 'sent', failed: 'failed' } as const satisfies Record<
  Decision,
  Destination
>;

/**
 * Settles what waits for a person, or sends it back to be sent once more: then closed occurrences of it are open
 * again, and their schedule runs.
 */
export async function decideUnknown(
  db: Queries,
  by: Commander,
  scheduleId: string,
  undecided: Undecided,
  decision: Decision,
): Promise<Decided> {
  const selection: Selection = { state: 'unknown', ...undecided };
  return inTransaction(db, async (client): Promise<Decided> => {
    const record = await lockSchedule(client, by.tenantId, scheduleId);
    if (!record) return { kind: 'unknown' };
    if (decision === 'resend' && isOver(record)) return { kind: 'over', record };
    const occurrences = await lockOccurrences(client, scheduleId, selection);
    const decided = await moveRows(client, by, occurrences, selection, STATE_OF[decision]);
    const people = decided.reduce((sum, one) => sum + one.people, 0);
    if (people === 0) return { kind: 'done', people };
    const runs = decision === 'resend' && (await reopen(client, by, record, decided));
    await writeAudit(client, by.tenantId, {
      at: by.at,
      action: 'decide',
      actorId: by.actorId,
      scheduleId,
      payloadDiff: {
        changed: runs ? ['deliveries', 'status'] : ['deliveries'],
        from: { deliveries: { unknown: people }, ...(runs && { status: record.status }) },
        to: { deliveries: { [decision]: people }, ...(runs && { status: 'running' }) },
      },
    });
    return { kind: 'done', people };
  });
}
