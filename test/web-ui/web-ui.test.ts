import { randomUUID } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { createZones } from '../../domain/time/zones';
import { occurrenceWorkflowId, sliceWorkflowId } from '../../workflows/contract';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { ownDomain, postSchedule, putPeople, untilStatus } from '../e2e/people';
import { openSundial, PUBLIC_URL } from '../e2e/sundial';
import type { Sundial } from '../e2e/sundial';
import { eventually } from '../eventually';
import { stack } from '../stack';
import { manyPages } from '../workflows/many-pages';
import { withScriptedWorker } from '../workflows/scripted-worker';
import { testZoneData, testZoneName } from '../zones/test-zones';
import { shownOf } from './shown';

jest.setTimeout(180_000);

let fresh: FreshDatabase;
let sundial: Sundial;
let release: () => void;

beforeAll(async () => {
  fresh = await freshDatabase();
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  sundial = await openSundial({
    databaseUrl: fresh.url,
    taskQueue: randomUUID(),
    zones: createZones(testZoneData([0])),
    aroundEmail: (email) => ({
      ...email,
      send: (message, context) => held.then(() => email.send(message, context)),
    }),
  });
  await sundial.startWorker();
  await putPeople(sundial, ownDomain(), { ada: testZoneName(0), bob: testZoneName(0) });
});

afterAll(async () => {
  release();
  await sundial.stop();
  await fresh.drop();
});

describe('the Web UI', () => {
  it('says of a schedule that sleeps what it waits for, whose it is, and where Sundial shows it', async () => {
    const id = await postSchedule(sundial, { delay: 'PT1H' });
    const workflow = sundial.scheduleWorkflow(id);
    const shown = await eventually('it sleeps', async () => {
      const now = await shownOf(workflow).catch(() => undefined);
      return now !== undefined && now.details.startsWith('Sleeps') && now;
    });
    const { body } = await sundial.call('GET', `/v1/schedules/${id}`);
    const minute = body.nextRunAt.slice(0, 16);
    expect(shown.details).toMatch(
      new RegExp(`^Sleeps until ${minute}.*, when occurrence .* opens \\(version 1\\)\\.`),
    );
    expect(shown.details).toContain(`[Open in Sundial](${PUBLIC_URL}/v1/schedules/${id})`);
    expect(shown.summaries).toEqual([expect.stringMatching(new RegExp(`^occurrence .* opens ${minute}`))]);
    expect(shown.searchAttributes).toMatchObject({
      SundialTenant: ['1'],
      SundialSchedule: [id],
      SundialState: ['scheduled'],
      SundialNextFire: [new Date(body.nextRunAt)],
    });
    expect(body.links.temporalUi).toBe(
      `${stack().temporalUi}/namespaces/default/workflows/${encodeURIComponent(workflow.workflowId)}`,
    );
  });

  it('says of an occurrence what its pages do, step by step, and what became of everybody', async () => {
    const id = await postSchedule(sundial, { delay: 'PT0S' });
    const path = `/v1/schedules/${id}/occurrences`;
    const [opened] = await eventually('the occurrence', async () => {
      const { items } = (await sundial.call('GET', path)).body;
      return items.length > 0 && items;
    });
    const workflow = sundial.occurrenceWorkflow(id, opened.nominal);
    expect(opened.links.temporalUi).toBe(
      `${stack().temporalUi}/namespaces/default/workflows/${encodeURIComponent(workflow.workflowId)}`,
    );
    const shown = await eventually('a page is sending', async () => {
      const now = await shownOf(workflow).catch(() => undefined);
      return now?.heartbeats[0] !== undefined && now;
    });
    expect(shown.heartbeats).toEqual([
      {
        label: 'page 1 of 1, Test/Plus00s',
        people: 2,
        step: expect.stringMatching(/^(deliver|finish)$/),
        counts: {},
        cursor: expect.stringMatching(/^\d+$/),
      },
    ]);
    expect(shown.searchAttributes).toMatchObject({
      SundialTenant: ['1'],
      SundialSchedule: [id],
      SundialState: ['running'],
    });
    expect(shown.details).toMatch(/^Is settling Test\/Plus00s, 2 people \(version 1\)\./);
    const link = `[Open in Sundial](${PUBLIC_URL}/v1/schedules/${id}/deliveries?occurrence=${opened.id})`;
    expect(shown.details).toContain(link);
    const schedule = await shownOf(sundial.scheduleWorkflow(id));
    expect(schedule.details).toContain(`see workflow \`${occurrenceWorkflowId(id, opened.nominal)}\``);

    release();
    await untilStatus(sundial, id, 'completed');
    await workflow.result();
    const over = await shownOf(workflow);
    expect(over.details).toBe(`Closed: 2 sent.\n\n${link}`);
    expect(over.summaries.slice(0, 3)).toEqual([
      `plan occurrence ${opened.nominal}`,
      'cut into pages: Test/Plus00s',
      'page 1 of 1, Test/Plus00s, 2 people',
    ]);
    expect(over.summaries.at(-1)).toBe(`close occurrence ${opened.nominal}`);
    expect(over.searchAttributes['SundialState']).toEqual(['completed']);
    expect(over.summaries).not.toContain('');
  });

  it('finds a slice by its schedule, and counts its thousands', async () => {
    const env = await TestWorkflowEnvironment.createFromExistingServer({ address: stack().temporal });
    await withScriptedWorker(env, async ({ world, input, startOccurrence }) => {
      manyPages(world, 201);
      await (await startOccurrence()).result();
      const slice = env.client.workflow.getHandle(sliceWorkflowId(input.scheduleId, input.nominal, 0));
      const shown = await shownOf(slice);
      expect(shown.searchAttributes).toMatchObject({
        SundialTenant: ['1'],
        SundialSchedule: [input.scheduleId],
      });
      expect(shown.details).toBe('Is settling 200 pages of Test/Zone, slice 1 of 2: 200,000 people.');
      expect(shown.summaries).toHaveLength(200);
      expect(shown.summaries).toContain('page 3 of 200, Test/Zone, slice 1 of 2, 1,000 people');
    });
    await env.teardown();
  });
});
