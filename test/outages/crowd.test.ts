import { SECOND } from '../../domain/time/instant';
import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { eventually } from '../eventually';
import { postCampaign, untilSent, untilStatus } from './campaign';
import { call } from './client';
import { ledgerOf, sendsBetween, triedAgain } from './ledger';
import { raiseOwnStack } from '../../temporal-dev/house/own-stack';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';

jest.setTimeout(240_000);

const PEOPLE = 100_000;

let stack: OwnStack;
let db: Database;
let api: OwnApi;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  api = await stack.startApi();
  await stack.startWorker();
});

afterAll(async () => {
  await db.close();
  await stack.end();
});

it('a pause in the middle of 100,000 people stops it within two seconds, and a resume sends the rest', async () => {
  await db.pool.query(
    `insert into recipient (tenant_id, external_id, attributes, created_at)
     select 1, 'crowd-' || n, '{"campaign": "crowd"}', '2026-01-01T00:00:00Z' from generate_series(1, $1) n`,
    [PEOPLE],
  );
  const { body } = await postCampaign(stack, api, 'crowd', { channel: 'noop', content: { body: 'News.' } });
  const scheduleId: string = body.id;
  await untilSent(db, { scheduleId }, 3_000);

  const paused = await call(stack, api, 'POST', `/v1/schedules/${scheduleId}/pause`);
  const silentFrom = Date.now() + 2 * SECOND;
  expect(paused.status).toBe(202);
  await eventually('four seconds of the pause', () => Date.now() > silentFrom + 2 * SECOND);
  const { sent = 0 } = await ledgerOf(db, scheduleId);
  expect(sent).toBeLessThan(PEOPLE);
  const resumedAt = Date.now();
  expect((await call(stack, api, 'POST', `/v1/schedules/${scheduleId}/resume`)).status).toBe(202);

  await untilStatus(stack, api, { scheduleId }, 'completed');
  expect(await ledgerOf(db, scheduleId)).toEqual({ sent: PEOPLE });
  expect(await sendsBetween(db, scheduleId, silentFrom, resumedAt)).toBe(0);
  expect(await triedAgain(db, scheduleId)).toBe(0);
  const { items } = (await call(stack, api, 'GET', `/v1/schedules/${scheduleId}/occurrences`)).body;
  expect(items).toEqual([expect.objectContaining({ state: 'completed', counts: { sent: PEOPLE } })]);
});
