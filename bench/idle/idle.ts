import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { MINUTE, SECOND } from '../../domain/time/instant';
import type { Database } from '../../store/database';
import { WORKFLOW } from '../../workflows/contract';
import { BenchStopped } from '../bench';
import type { Bench, BenchRun, Figures } from '../bench';
import { seedPeople, zoneOf } from '../people';
import { rounded } from '../rounded';
import { withServers } from '../stack/servers';
import type { Servers } from '../stack/servers';
import { startSundial } from '../stack/sundial';
import type { Sundial } from '../stack/sundial';
import { seedPending } from './pending';
import { bytesPerSleeper } from './sleepers';

const PEOPLE = 10_000;
/** Enough that every queue has had its share and its workflow. */
const WARM_UP = 500;
const MOST_SLEEPERS = 2_000;

/** Memory is looked at so often, and the least is taken: what is more is garbage that nobody has swept up. */
const LOOKS = 10;
const LOOK_EVERY_MS = SECOND / 2;

export const idle: Bench = {
  name: 'idle',
  about: 'the cost of messages that wait, in Postgres and in the worker; against a workflow for each',
  size: {
    option: 'pending',
    usual: 1_000_000,
    least: 1_000,
    most: 20_000_000,
    meaning: 'messages that wait',
  },
  run: (run) => withServers(run, (servers) => measure(run, servers)),
};

async function measure(run: BenchRun, servers: Servers): Promise<Figures> {
  const { size, screen, profiling } = run;
  const { addresses, db } = servers;
  const sundial = await startSundial(servers, addresses.smtp, profiling);
  try {
    await seedPeople(
      db,
      sundial.keyRing,
      PEOPLE,
      (n) => ({ id: `person-${n}`, zone: zoneOf(n), email: null, attributes: {} }),
      (done) => screen.progress({ label: 'People', done, total: PEOPLE, note: '' }),
    );
    const templateId = await createTemplate(sundial);
    await send(sundial, db, templateId, WARM_UP);
    const before = { memoryMb: await restingMemory(sundial), bytes: await databaseBytes(db) };
    await seedPending(
      db,
      size,
      { from: Date.now(), templateId, firstRid: await firstRid(db), people: PEOPLE },
      (done) => screen.progress({ label: 'Waiting', done, total: size, note: '' }),
    );
    await db.pool.query('vacuum analyze pending_message');
    const bytes = (await databaseBytes(db)) - before.bytes;
    // Everybody looks at what waits now, and sends what is due beside it.
    const firstMs = await send(sundial, db, templateId, WARM_UP);
    const memoryMb = await restingMemory(sundial);
    const workflows = await countWorkflows(sundial);
    const bytesPerPending = rounded(bytes / size, 1);
    const baseline = await bytesPerSleeper(
      run,
      { temporal: sundial.temporal, setting: servers.setting },
      Math.min(Math.ceil(size / 10), MOST_SLEEPERS),
    );
    return {
      bytesPerPending,
      workflows,
      workerRssMb: { before: before.memoryMb, after: memoryMb },
      sentBesideMs: firstMs,
      baselineBytesPerPending: baseline,
      ratio: rounded(baseline / bytesPerPending, 1),
    };
  } finally {
    await sundial.close();
  }
}

async function createTemplate({ api }: Sundial): Promise<string> {
  const { id } = await api.ask({
    method: 'POST',
    route: '/v1/templates',
    body: {
      name: 'Bench',
      channel: 'noop',
      variants: { en: { body: 'Hello, it is time.' } },
      defaultLocale: 'en',
    },
    answer: z.object({ id: z.string() }),
  });
  return id;
}

/** Sends messages at once, to one person each, and waits until all are over. Returns how long that took. */
async function send({ api }: Sundial, db: Database, templateId: string, count: number): Promise<number> {
  const sent = await countSent(db);
  const began = performance.now();
  await api.ask({
    method: 'POST',
    route: '/v1/messages/batch',
    body: {
      messages: Array.from({ length: count }, (_, n) => ({
        recipient: `person-${n}`,
        channel: 'noop',
        templateId,
        priority: n % 10 === 0 ? 1 : 3,
      })),
    },
    answer: z.object({ items: z.array(z.object({ status: z.literal(202) })) }),
  });
  const deadline = performance.now() + MINUTE;
  while ((await countSent(db)) < sent + count) {
    if (performance.now() > deadline) throw new BenchStopped('Messages that are due are not sent.');
    await sleep(20);
  }
  return Math.round(performance.now() - began);
}

async function countSent(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ sent: number }>(
    'select coalesce(sum(count), 0)::int as sent from outcome_total where state = 10',
  );
  return rows[0]?.sent ?? 0;
}

async function restingMemory(sundial: Sundial): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep(LOOK_EVERY_MS);
    least = Math.min(least, (await sundial.workerUsage()).memoryMb);
  }
  return least;
}

/** Everything that belongs to what waits: rows, indexes, and the partitions of the days for which it waits. */
async function databaseBytes(db: Database): Promise<number> {
  await db.pool.query('checkpoint');
  const { rows } = await db.pool.query<{ bytes: string }>(
    'select pg_database_size(current_database()) as bytes',
  );
  return Number(rows[0]?.bytes ?? 0);
}

async function firstRid(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ rid: string }>('select min(rid) as rid from recipient');
  return Number(rows[0]?.rid ?? 1);
}

/** Those that run for what waits. */
async function countWorkflows({ temporal }: Sundial): Promise<number> {
  const query = `WorkflowType = '${WORKFLOW.messages}' and ExecutionStatus = 'Running'`;
  const { count } = await temporal.client.workflow.count(query);
  return count;
}
