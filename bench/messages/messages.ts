import { z } from 'zod';
import { SECOND } from '../../domain/time/instant';
import type { Database } from '../../store/database';
import type { Bench, BenchRun, Figures } from '../bench';
import { BenchStopped } from '../bench';
import { distributionOf } from '../distribution';
import { seedPeople, zoneOf } from '../people';
import { rounded } from '../rounded';
import { type Servers, withServers } from '../stack/servers';
import { startSundial, type Sundial } from '../stack/sundial';
import { atFixedRate } from './arrivals';
import { openConnections } from './connections';
import type { Connections, Timed } from './connections';
import { sendImmediately } from './immediate';
import { acceptObviously } from './obvious-messages';

const PEOPLE = 10_000;
/** As many of these as fit into 1 MB of JSON. */
const BATCH = 5_000;
const CONNECTIONS = 1_000;
const ARRIVALS_A_SECOND = 500;
const SINGLE_SECONDS = 20;
const IMMEDIATE = 100;
const MOST_OF_BASELINE = 500;

export const messages: Bench = {
  name: 'messages',
  about: 'individual messages in batches, singly and all at once; against a row and a workflow for each',
  size: { option: 'count', usual: 50_000, least: 100, most: 2_000_000, meaning: 'messages sent in batches' },
  run: (run) => withServers(run, (servers) => measure(run, servers)),
};

async function measure(run: BenchRun, servers: Servers): Promise<Figures> {
  const { size, screen, interrupted, profiling } = run;
  const { addresses, db, keys } = servers;
  const sundial = await startSundial(servers, addresses.smtp, profiling);
  try {
    const people = Math.min(PEOPLE, size);
    await seedPeople(
      db,
      sundial.keyRing,
      people,
      (n) => ({ id: `person-${n}`, zone: zoneOf(n), email: null, attributes: { first_name: `Ada ${n}` } }),
      (done) => screen.progress({ label: 'People', done, total: people, note: '' }),
    );
    const templateId = await createTemplate(sundial);
    const messageOf = (n: number) => ({ recipient: `person-${n % people}`, channel: 'noop', templateId });
    const batches = await acceptBatches(run, sundial, (n) => ({ ...messageOf(n), delay: 'P1D' }));
    const head =
      `POST /v1/messages HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${keys.admin}\r\n` +
      'Content-Type: application/json\r\n';
    const connections = await openConnections(new URL(sundial.apiUrl), CONNECTIONS, head);
    const { single, perSecond, burst } = await singly(connections, size, messageOf, interrupted);
    connections.close();
    const immediate = await sendImmediately(
      sundial.api,
      Math.min(IMMEDIATE, size),
      (n) => ({ ...messageOf(n), category: 'transactional' }),
      interrupted,
    );
    const errors = batches.errors + errorsOf(single) + errorsOf(burst);
    await expectAccepted(
      db,
      size - batches.errors + single.length + burst.length - errorsOf(single) - errorsOf(burst),
    );
    const baseline = await acceptObviously(
      run,
      { db, temporal: sundial.temporal },
      Math.min(size, MOST_OF_BASELINE),
    );
    return {
      perSecond: batches.perSecond,
      single: { perSecond, ...figuresOf(single) },
      burst: { maxMs: worst(burst) },
      errors,
      immediateMs: percentilesOf(immediate),
      apiCpuUs: batches.cpuUs,
      baselinePerSecond: baseline,
      ratio: rounded(batches.perSecond / baseline, 1),
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
      defaultLocale: 'en',
      variants: { en: { body: 'Hello {{first_name}}, it is time.' } },
    },
    answer: z.object({ id: z.string() }),
  });
  return id;
}

const batchAnswer = z.object({ items: z.array(z.object({ status: z.int() })) });

/** One batch after another, as a caller would send them who waits for each to be accepted. */
async function acceptBatches(
  { size, screen, interrupted }: BenchRun,
  sundial: Sundial,
  messageOf: (n: number) => object,
) {
  const before = await sundial.apiUsage();
  const began = performance.now();
  let errors = 0;
  for (let from = 0; from < size; from += BATCH) {
    interrupted.throwIfAborted();
    const batch = Array.from({ length: Math.min(BATCH, size - from) }, (_, index) => messageOf(from + index));
    const { items } = await sundial.api.ask({
      method: 'POST',
      route: '/v1/messages/batch',
      body: { messages: batch },
      answer: batchAnswer,
    });
    errors += items.filter(({ status }) => status !== 202).length;
    screen.progress({ label: 'Accepted', done: from + batch.length, total: size, note: '' });
  }
  const perSecond = Math.round(size / ((performance.now() - began) / SECOND));
  const after = await sundial.apiUsage();
  return { perSecond, errors, cpuUs: rounded((after.cpuUs - before.cpuUs) / size, 1) };
}

/** At a fixed rate over all connections, and then one over each of them at the same moment. */
async function singly(
  connections: Connections,
  size: number,
  messageOf: (n: number) => object,
  interrupted: AbortSignal,
): Promise<{ single: Timed[]; perSecond: number; burst: Timed[] }> {
  const bodyOf = (n: number): string => JSON.stringify({ ...messageOf(n), delay: 'PT12H' });
  const count = Math.min(ARRIVALS_A_SECOND * SINGLE_SECONDS, size);
  const began = performance.now();
  const single = await atFixedRate(connections, count, ARRIVALS_A_SECOND, bodyOf, interrupted);
  const perSecond = Math.round(count / ((performance.now() - began) / SECOND));
  const burst = await Promise.all(
    Array.from({ length: Math.min(CONNECTIONS, size) }, (_, n) => connections.post(bodyOf(n))),
  );
  return { single, perSecond, burst };
}

function figuresOf(answers: readonly Timed[]): Record<string, number> {
  const times = distributionOf(
    answers.map(({ ms }) => ms),
    1,
  );
  return { p50: times.at(50), p95: times.at(95), p99: times.at(99) };
}

function percentilesOf(values: readonly number[]): Record<string, number> {
  const times = distributionOf(values, 0);
  return { p50: times.at(50), p99: times.at(99) };
}

function worst(answers: readonly Timed[]): number {
  return Math.round(Math.max(...answers.map(({ ms }) => ms)));
}

function errorsOf(answers: readonly Timed[]): number {
  return answers.filter(({ status }) => status !== 202).length;
}

/** What was answered with 202 is there, to the last one. */
async function expectAccepted(db: Database, count: number): Promise<void> {
  const { rows } = await db.pool.query<{ waiting: number }>(
    'select count(*)::int as waiting from pending_message',
  );
  if (rows[0]?.waiting === count) return;
  throw new BenchStopped(`${count} messages were accepted, and ${rows[0]?.waiting} are there.`);
}
