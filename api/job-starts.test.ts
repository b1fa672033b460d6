import { pino } from 'pino';
import { MINUTE } from '../domain/time/instant';
import { connectTemporal } from '../platform/temporal';
import type { TemporalClient } from '../platform/temporal';
import { startService } from '../test/api/service';
import type { TestService } from '../test/api/service';
import { eventually } from '../test/eventually';
import { stack } from '../test/stack';
import { jobWorkflowId, SEARCH_ATTRIBUTE, TASK_QUEUE, WORKFLOW } from '../workflows/contract';
import type { Draining } from './draining';
import { startJobStarts } from './job-starts';

let service: TestService;
let temporal: TemporalClient;
let starts: Draining | undefined;
const started = new Set<string>();
const log: string[] = [];
const logger = pino({ level: 'info' }, { write: (line: string) => log.push(line) });

beforeAll(async () => {
  service = await startService({ commandWritten: () => starts?.written() });
  temporal = connectTemporal(stack().temporal);
});
afterEach(async () => {
  await starts?.stop();
  starts = undefined;
});
afterAll(async () => {
  // No worker serves these workflows here: without an end they would wait in the shared server.
  for (const id of started) await temporal.client.workflow.getHandle(id).terminate('the test is over');
  await temporal.close();
  await service.stop();
});

const start = (client = temporal.client): Draining =>
  startJobStarts({ db: service.deps.db, temporal: client, logger, clock: service.deps.clock });

async function importFile(): Promise<string> {
  const { status, body } = await service.admin('POST', '/v1/recipients/import', {
    rawBody: 'id,email\ngrace,secret@example.com\n',
    headers: { 'Content-Type': 'text/csv' },
  });
  expect(status).toBe(202);
  started.add(jobWorkflowId(WORKFLOW.import, body.id));
  return body.id;
}

const told = (id: string): Promise<unknown> =>
  eventually('the job was told', async () => {
    const { rows } = await service.deps.db.pool.query('select 1 from job where id = $1 and told_at = $2', [
      id,
      new Date(service.clock.now),
    ]);
    return rows.length === 1;
  });

describe('a committed job', () => {
  it('has its workflow started at once, without personal data in sight', async () => {
    starts = start();
    const id = await importFile();
    await told(id);
    const handle = temporal.client.workflow.getHandle(jobWorkflowId(WORKFLOW.import, id));
    const description = await handle.describe();
    expect(description).toMatchObject({ type: 'import', taskQueue: TASK_QUEUE, status: { name: 'RUNNING' } });
    expect(await description.staticSummary()).toBe(`import ${id}`);
    const attributes = description.typedSearchAttributes.getAll();
    expect(attributes.map(({ key, value }) => [key.name, value])).toContainEqual([
      SEARCH_ATTRIBUTE.tenant,
      '1',
    ]);
    const seen = JSON.stringify(await handle.fetchHistory());
    for (const word of ['grace', 'secret', 'example.com']) expect(seen).not.toContain(word);
  });

  it('is accepted without Temporal and started when Temporal is back', async () => {
    const nowhere = connectTemporal('127.0.0.1:1');
    starts = start(nowhere.client);
    const id = await importFile();
    await eventually('a start failed', () => log.some((line) => line.includes(id)));
    expect((await service.admin('GET', `/v1/jobs/${id}`)).body).toMatchObject({
      status: 'running',
      progress: { done: 0, total: 1, failed: 0 },
    });
    await starts.stop();
    await nowhere.close();

    starts = start();
    await told(id);
    const handle = temporal.client.workflow.getHandle(jobWorkflowId(WORKFLOW.import, id));
    expect((await handle.describe()).status.name).toBe('RUNNING');
  });

  it('is started again when it was silent for long and its workflow is gone', async () => {
    starts = start();
    const id = await importFile();
    await told(id);
    const handle = temporal.client.workflow.getHandle(jobWorkflowId(WORKFLOW.import, id));
    await handle.terminate('lost');
    service.clock.now += 6 * MINUTE;
    starts.written();
    await told(id);
    expect((await handle.describe()).status.name).toBe('RUNNING');
  });

  it('that is cancelled before is not started at all', async () => {
    const id = await importFile();
    started.delete(jobWorkflowId(WORKFLOW.import, id));
    await service.admin('DELETE', `/v1/jobs/${id}`);
    const after = await importFile();
    starts = start();
    await told(after);
    const handle = temporal.client.workflow.getHandle(jobWorkflowId(WORKFLOW.import, id));
    await expect(handle.describe()).rejects.toThrow('not found');
  });
});
