import { setTimeout as sleep } from 'node:timers/promises';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  bundleWorkflowCode,
  makeTelemetryFilterString,
} from '@temporalio/worker';
import { SECOND } from '../../domain/time/instant';
import { connectTemporal, type TemporalClient } from '../../platform/temporal';
import type { Database } from '../../store/database';
import type { BenchRun } from '../bench';
import { BenchStopped } from '../bench';
import { rounded } from '../rounded';
import { countReminded, createObviousActivities, createObviousLedger } from './activities';
import type { reminder } from './workflow';

export interface ObviousDeps {
  readonly db: Database;
  readonly address: string;
  readonly body: string;
}

export interface ObviousResult {
  readonly perSecond: number;
  readonly eventsPerMessage: number;
  readonly sent: number;
}

const TASK_QUEUE = 'bench-obvious';
const STARTS_AT_ONCE = 20;
/** Slower than any server starts workflows: starting them is not what is measured. */
const STARTS_A_SECOND = 10;
const PATIENCE_MS = 120 * SECOND;

/**
 * What is measured everywhere else too: one workflow a person and one activity a message, on the same servers, for
 * the first `size` people. From the instant until the last is recorded, as with a campaign.
 */
export async function runObviousBuild(run: BenchRun, deps: ObviousDeps): Promise<ObviousResult> {
  const logger = new DefaultLogger('ERROR');
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger, telemetryOptions: { logging: { filter, forward: {} } } });
  await createObviousLedger(deps.db);
  const connection = await NativeConnection.connect({ address: deps.address });
  const worker = await Worker.create({
    connection,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath: require.resolve('./workflow'), logger }),
    activities: createObviousActivities(deps.db, deps.body),
  });
  // Without encryption, which would only slow it.
  const temporal = connectTemporal(deps.address);
  try {
    return await worker.runUntil(() => measure(run, deps.db, temporal));
  } finally {
    await temporal.close();
    await connection.close();
  }
}

async function measure(
  { size, screen, interrupted }: BenchRun,
  db: Database,
  temporal: TemporalClient,
): Promise<ObviousResult> {
  const { rows } = await db.pool.query<{ rid: string }>('select rid from recipient order by rid limit $1', [
    size,
  ]);
  const at = Date.now() + 5 * SECOND + (rows.length / STARTS_A_SECOND) * SECOND;
  const remaining = rows.values();
  const start = async (): Promise<void> => {
    for (const { rid } of remaining) {
      interrupted.throwIfAborted();
      await temporal.client.workflow.start<typeof reminder>('reminder', {
        args: [{ rid, at }],
        workflowId: idOf(rid),
        taskQueue: TASK_QUEUE,
      });
    }
  };
  // All of them have ended before anything is closed: a call that is tried again over a closed connection is no error
  // that anybody could catch.
  const started = await Promise.allSettled(Array.from({ length: STARTS_AT_ONCE }, start));
  for (const result of started) if (result.status === 'rejected') throw result.reason;
  if (Date.now() > at) throw new BenchStopped('The reminders of the baseline were not started in time.');
  for (;;) {
    interrupted.throwIfAborted();
    const sent = await countReminded(db);
    const late = Date.now() - at;
    screen.progress({ label: 'Baseline', done: sent, total: rows.length, note: '' });
    if (sent >= rows.length) {
      const eventsPerMessage = await meanEvents(temporal, rows.slice(0, 10));
      return { perSecond: rounded((sent / late) * SECOND, 1), eventsPerMessage, sent };
    }
    if (late > PATIENCE_MS)
      throw new BenchStopped(`The baseline recorded ${sent} of ${rows.length} reminders.`);
    await sleep(20);
  }
}

async function meanEvents({ client }: TemporalClient, people: readonly { rid: string }[]): Promise<number> {
  const lengths = await Promise.all(
    people.map(async ({ rid }) => {
      const handle = client.workflow.getHandle(idOf(rid));
      await handle.result();
      return (await handle.describe()).historyLength;
    }),
  );
  return rounded(lengths.reduce((sum, length) => sum + length, 0) / lengths.length, 1);
}

function idOf(rid: string): string {
  return `bench/obvious/${rid}`;
}
