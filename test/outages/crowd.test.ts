import { STATE_CODES } from '../../domain/delivery/state';
import { formatInstant, SECOND } from '../../domain/time/instant';
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

/** In each of two campaigns to the same ones. */
const RIVALS = 10_000;

let stack: OwnStack;
let db: Database;
let api: OwnApi;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  api = await stack.startApi();
  await Promise.all([stack.startWorker(), stack.startWorker()]);
});

afterAll(async () => {
  await db.close();
  await stack.end();
});

/** Puts so many people without an address into Postgres, whom an audience query `{ campaign: name }` finds. */
async function seedCrowd(name: string, count: number): Promise<void> {
  await db.pool.query(
    `insert into recipient (tenant_id, external_id, attributes, created_at)
     select 1, $1 || '-' || n, jsonb_build_object('campaign', $1::text), '2026-01-01T00:00:00Z'
       from generate_series(1, $2::int) n`,
    [name, count],
  );
}

it('a pause in the middle of 100,000 people stops it within two seconds, and a resume sends the rest', async () => {
  await seedCrowd('crowd', PEOPLE);
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

it('two campaigns to the same 10,000 people at one instant, from two workers, send everybody one message of a cap of one a day', async () => {
  await seedCrowd('rivals', RIVALS);
  const fields = {
    channel: 'noop',
    content: { body: 'News.' },
    audienceQuery: { campaign: 'rivals' },
    delay: null,
    runAt: formatInstant(Math.ceil(Date.now() / SECOND) * SECOND + 3 * SECOND),
    timeZoneMode: 'fixed',
    maxPerUserPerDay: 1,
  };
  const posted = await Promise.all(['one', 'other'].map((name) => postCampaign(stack, api, name, fields)));
  const ids = posted.map(({ body }): string => body.id);
  for (const scheduleId of ids) await untilStatus(stack, api, { scheduleId }, 'completed');

  const [one = {}, other = {}] = await Promise.all(ids.map((id) => ledgerOf(db, id)));
  expect([one, other]).toEqual([
    { sent: one['sent'], capped: other['sent'] },
    { sent: other['sent'], capped: one['sent'] },
  ]);
  expect((one['sent'] ?? 0) + (other['sent'] ?? 0)).toBe(RIVALS);
  const sent = await db.pool.query(
    `select count(distinct rid)::int as people
       from delivery d join occurrence o on o.id = d.occurrence_id
      where o.schedule_id = any($1) and d.state = $2`,
    [ids, STATE_CODES.sent],
  );
  expect(sent.rows).toEqual([{ people: RIVALS }]);
});
