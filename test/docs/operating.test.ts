import { statSync } from 'node:fs';
import path from 'node:path';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { Client } from 'pg';
import { eventually } from '../eventually';
import { call } from '../outages/client';
import type { Answer } from '../outages/client';
import type { Docker } from './docker/docker';
import { openOperator } from './docker/operator';
import type { Operator } from './docker/operator';
import { openGuide } from './guide';
import type { Terminal } from './terminal';

jest.setTimeout(300_000);

const guide = openGuide('docs/operating.md', __filename);

let operator: Operator;
let docker: Docker;
let terminal: Terminal;
let paste: Operator['paste'];

beforeAll(async () => {
  operator = await openOperator();
  ({ docker, terminal, paste } = operator);
  await paste('docker compose up --detach api codec mail');
});

afterAll(() => operator.close());

const ask = (method: string, route: string, body?: unknown): Promise<Answer> =>
  call(operator, { url: docker.containers.api }, method, route, body);

async function schedule(name: string, fields: object): Promise<string> {
  const content = { subject: name, body: 'It is time.' };
  const { status, body } = await ask('POST', '/v1/schedules', { name, channel: 'email', content, ...fields });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.id;
}

const statusOf = async (id: string): Promise<string> => (await ask('GET', `/v1/schedules/${id}`)).body.status;

const until = (id: string, status: string): Promise<boolean> =>
  eventually(`${id} is ${status}`, async () => (await statusOf(id)) === status, { withinMs: 60_000 });

async function mailsTo(person: string): Promise<number> {
  const response = await fetch(`${docker.containers.inbox}/api/messages?q=${person}@example.com`);
  return ((await response.json()) as { items: unknown[] }).items.length;
}

const to = (id: string): object => ({ audienceQuery: { recipients: [id] } });

/** Asks one of Temporal's databases, whose own tables are not needed to see that it was restored. */
async function inDatabase(database: string, sql: string): Promise<unknown[]> {
  const port = docker.containers.postgresPort;
  const login = { user: 'sundial', password: operator.postgresPassword };
  const client = new Client({ host: '127.0.0.1', port, database, ...login });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

async function withTemporal<T>(use: (client: TemporalClient) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: docker.containers.temporal });
  try {
    return await use(new TemporalClient({ connection }));
  } finally {
    await connection.close();
  }
}

const isRunning = (workflowId: string): Promise<boolean> =>
  withTemporal(async ({ workflow }) => {
    const described = await workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => undefined);
    return described?.status.name === 'RUNNING';
  });

const signalsOf = (workflowId: string): Promise<unknown[]> =>
  withTemporal(async ({ workflow }) => {
    const { events } = await workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
      signal ? [signal.signalName] : [],
    );
  });

/**
 * Told in order, by whoever follows the page from its top to its end. Temporal's server comes back here with nothing,
 * which is the oldest backup there can be; what it then catches up with is told by test/steward/loss.test.ts and
 * test/steward/restored.test.ts.
 */
describe('docs/operating.md', () => {
  let sentSince = '';
  let graceless = '';
  let later = '';
  let madeSince = '';

  it('shows what to watch', async () => {
    const { said } = await paste(guide.take('What to watch'));
    expect(said).toContain('schedules_active');
  });

  it('backs up three databases, none of them empty', async () => {
    for (const id of ['ada', 'grace', 'lin'])
      await ask('PUT', `/v1/recipients/${id}`, { email: `${id}@example.com`, timeZone: 'UTC' });
    // No worker runs yet: the dump knows of both as something still to be done.
    sentSince = await schedule('Sent since', { delay: 'PT1S', ...to('ada') });
    graceless = await schedule('Without grace', { delay: 'PT1S', ...to('lin'), late: { graceSeconds: 0 } });
    later = await schedule('Later', { delay: 'P30D', ...to('ada') });
    for (const name of ['temporal', 'temporal_visibility'])
      await inDatabase(name, "create table position as select 'of the dump' as stands");
    await paste(guide.take('Backing up'));
    for (const name of ['temporal', 'temporal_visibility', 'sundial'])
      expect(statSync(path.join(terminal.folder, `${name}.dump`)).size).toBeGreaterThan(500);
  });

  it('goes on after the backup: a message leaves, a schedule is made, somebody is erased', async () => {
    await paste('docker compose up --detach');
    await until(sentSince, 'completed');
    expect(await mailsTo('ada')).toBe(1);
    madeSince = await schedule('Made since', { delay: 'P30D' });
    const { body } = await ask('DELETE', '/v1/recipients/grace');
    await eventually(
      'the erasure',
      async () => (await ask('GET', `/v1/jobs/${body.id}`)).body.status === 'completed',
    );
    for (const name of ['temporal', 'temporal_visibility'])
      await inDatabase(name, "update position set stands = 'of afterwards'");
  });

  it('restores while nothing runs that uses the databases', async () => {
    const before = docker.asked.length;
    await paste(guide.take('Restoring'));
    const restoring = docker.asked.slice(before).filter(({ words }) => words.startsWith('compose exec'));
    expect(restoring.map(({ words }) => words.split(' ')[4])).toEqual(
      ['temporal', 'temporal_visibility', 'sundial'].flatMap(() => ['dropdb', 'createdb', 'pg_restore']),
    );
    expect([...new Set(restoring.flatMap(({ up }) => up))]).toEqual(['mail', 'postgres', 'redis']);
  });

  it('starts the API on what was restored, and no worker', async () => {
    expect(Object.keys(docker.running()).toSorted()).toEqual([
      'api',
      'mail',
      'postgres',
      'redis',
      'temporal',
    ]);
    expect(await ask('GET', '/readyz')).toMatchObject({ status: 200 });
  });

  it('brings back the data of the dump, and nothing that is younger', async () => {
    for (const name of ['temporal', 'temporal_visibility'])
      expect(await inDatabase(name, 'select stands from position')).toEqual([{ stands: 'of the dump' }]);
    expect(await ask('GET', `/v1/schedules/${madeSince}`)).toMatchObject({ status: 404 });
    expect(await ask('GET', '/v1/recipients/grace')).toMatchObject({
      status: 200,
      body: { email: 'grace@example.com' },
    });
    expect(await statusOf(sentSince)).toBe('scheduled');
  });

  it('lists what was due since the dump, and only that', async () => {
    const { said } = await paste(guide.take('Restoring'));
    expect({ said, due: [sentSince, graceless].filter((id) => said.includes(id)) }).toMatchObject({
      due: [sentSince, graceless],
    });
    expect(said).not.toContain(later);
  });

  it('holds back what is paused, and lets the workers expire what is beyond its grace', async () => {
    await paste(`export ID=${sentSince}`);
    await paste(guide.take('Restoring'));
    await paste(guide.inline('docker compose up --detach'));
    await until(graceless, 'completed');
    const { body } = await ask('GET', `/v1/schedules/${graceless}/deliveries`);
    expect(body.items).toMatchObject([{ recipient: 'lin', outcome: 'expired' }]);
    expect({ status: await statusOf(sentSince), mails: await mailsTo('ada') }).toEqual({
      status: 'paused',
      mails: 1,
    });
  });

  it('sends a second time what is resumed within its grace', async () => {
    await paste(guide.take('Restoring'));
    await until(sentSince, 'completed');
    expect(await mailsTo('ada')).toBe(2);
  });

  it('restores Temporal alone, while no worker runs, and every schedule has its workflow again', async () => {
    const before = docker.asked.length;
    await paste(guide.take('Temporal alone'));
    const restoring = docker.asked.slice(before).filter(({ words }) => words.startsWith('compose exec'));
    expect(restoring).toHaveLength(6);
    expect(restoring.flatMap(({ up }) => up)).not.toContain('worker');
    await eventually('the schedule that sleeps has its workflow', () => isRunning(`schedule/${later}`), {
      withinMs: 60_000,
      everyMs: 250,
    });
    expect(await mailsTo('ada')).toBe(2);
  });

  it('lets the steward walk over every schedule once more', async () => {
    const walksBefore = await signalsOf('steward/rebuild');
    await paste(guide.take('Temporal alone'));
    expect(await signalsOf('steward/rebuild')).toEqual([...walksBefore, 'now']);
  });

  it('upgrades', async () => {
    await paste(guide.take('Upgrading'));
    expect(await ask('GET', '/readyz')).toMatchObject({ status: 200 });
  });

  it('runs more workers', async () => {
    await paste(guide.take('Growing'));
    expect(docker.running()).toMatchObject({ worker: 3, api: 1 });
  });

  it('has no other block', () => {
    expect(guide.left()).toEqual([]);
  });
});
