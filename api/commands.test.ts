import { pino } from 'pino';
import { connectTemporal } from '../platform/temporal';
import type { TemporalClient } from '../platform/temporal';
import { archiveSchedule } from '../store/schedule-commands';
import { startService } from '../test/api/service';
import type { TestService } from '../test/api/service';
import { eventually } from '../test/eventually';
import { stack } from '../test/stack';
import { scheduleWorkflowId, SEARCH_ATTRIBUTE, TASK_QUEUE } from '../workflows/contract';
import { startCommands } from './commands';
import type { Draining } from './draining';

let service: TestService;
let temporal: TemporalClient;
let commands: Draining | undefined;
const started: string[] = [];
const log: string[] = [];
const logger = pino({ level: 'info' }, { write: (line: string) => log.push(line) });

beforeAll(async () => {
  service = await startService({ commandWritten: () => commands?.written() });
  temporal = connectTemporal(stack().temporal);
});
afterEach(async () => {
  await commands?.stop();
  commands = undefined;
});
afterAll(async () => {
  // No worker serves these workflows here: without an end they would wait in the shared server.
  for (const id of started) await temporal.client.workflow.getHandle(id).terminate('the test is over');
  await temporal.close();
  await service.stop();
});

const start = (client = temporal.client): Draining =>
  startCommands({ db: service.deps.db, temporal: client, logger, clock: service.deps.clock });

async function create(): Promise<string> {
  const body = {
    name: 'Secret launch',
    channel: 'email',
    content: { body: 'b' },
    runAt: '2026-12-01T09:00:00',
  };
  const answer = await service.admin('POST', '/v1/schedules', { body });
  expect(answer.status).toBe(201);
  return answer.body.id;
}

const drained = (id: string): Promise<unknown> =>
  eventually('the command is done', async () => {
    const { rows } = await service.deps.db.pool.query(
      'select 1 from outbox where schedule_id = $1 and done_at is null',
      [id],
    );
    return rows.length === 0;
  });

describe('a committed command', () => {
  it("starts the schedule's workflow at once, without personal data in sight", async () => {
    commands = start();
    const id = await create();
    await drained(id);
    started.push(scheduleWorkflowId(id));
    const description = await temporal.client.workflow.getHandle(scheduleWorkflowId(id)).describe();
    expect(description).toMatchObject({
      type: 'schedule',
      taskQueue: TASK_QUEUE,
      status: { name: 'RUNNING' },
    });
    expect(await description.staticSummary()).toBe(`schedule ${id}`);
    const attributes = description.typedSearchAttributes.getAll();
    expect(attributes.map(({ key, value }) => [key.name, value])).toEqual(
      expect.arrayContaining([
        [SEARCH_ATTRIBUTE.tenant, '1'],
        [SEARCH_ATTRIBUTE.schedule, id],
      ]),
    );
    const history = await temporal.client.workflow.getHandle(scheduleWorkflowId(id)).fetchHistory();
    const seen = JSON.stringify(history);
    expect(seen).not.toContain('Secret launch');
    expect(seen).toContain('look');
  });

  it('is accepted without Temporal and delivered when Temporal is back', async () => {
    const nowhere = connectTemporal('127.0.0.1:1');
    commands = start(nowhere.client);
    const id = await create();
    await eventually('a delivery failed', () => log.some((line) => line.includes(id)));
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body).toMatchObject({
      status: 'scheduled',
      version: 1,
    });
    await commands.stop();
    await nowhere.close();

    commands = start();
    await drained(id);
    started.push(scheduleWorkflowId(id));
    const { status } = await temporal.client.workflow.getHandle(scheduleWorkflowId(id)).describe();
    expect(status.name).toBe('RUNNING');
  });

  it('finds a workflow again that has ended', async () => {
    commands = start();
    const id = await create();
    await drained(id);
    const handle = temporal.client.workflow.getHandle(scheduleWorkflowId(id));
    await handle.terminate('ended');
    started.push(scheduleWorkflowId(id));
    const by = { tenantId: 1, actorId: 'admin', at: new Date(service.deps.clock()) };
    await archiveSchedule(service.deps.db, by, id);
    commands.written();
    await drained(id);
    expect((await handle.describe()).status.name).toBe('RUNNING');
  });
});
