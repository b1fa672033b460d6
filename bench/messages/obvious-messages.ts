import { SECOND } from '../../domain/time/instant';
import type { TemporalClient } from '../../platform/temporal';
import type { Database } from '../../store/database';
import type { BenchRun } from '../bench';
import { rounded } from '../rounded';

const AT_ONCE = 20;

/**
 * The obvious way to accept a message: a row, and a workflow that will send it, for each. How many a second are accepted;
 * nobody runs the workflows, which end by themselves.
 */
export async function acceptObviously(
  { interrupted }: Pick<BenchRun, 'interrupted'>,
  { db, temporal }: { readonly db: Database; readonly temporal: TemporalClient },
  count: number,
): Promise<number> {
  await db.pool.query(
    'create table obvious_message (id int primary key, recipient text, due timestamptz, body text)',
  );
  const began = performance.now();
  let next = 0;
  async function acceptNext(): Promise<void> {
    while (next < count) {
      interrupted.throwIfAborted();
      const id = next;
      next += 1;
      await db.pool.query('insert into obvious_message values ($1, $2, now(), $3)', [
        id,
        `person-${id}`,
        'Hello.',
      ]);
      await temporal.client.workflow.start('obviousMessage', {
        workflowId: `bench-obvious-message/${id}`,
        taskQueue: 'bench-obvious-messages',
        args: [{ id }],
        workflowExecutionTimeout: '1 minute',
      });
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, acceptNext));
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
  return rounded(count / ((performance.now() - began) / SECOND), 1);
}
