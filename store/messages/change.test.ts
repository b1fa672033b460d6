import { STATE_CODES } from '../../domain/delivery/state';
import { HOUR } from '../../domain/time/instant';
import { freshDatabase } from '../../test/database';
import type { FreshDatabase } from '../../test/database';
import { eventually } from '../../test/eventually';
import { seedMessages } from '../../test/messages';
import { openDatabase } from '../database';
import type { Database } from '../database';
import { changeMessage } from './change';

let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
  await db.pool.query(`insert into recipient (rid, tenant_id, external_id) values (1, 1, 'ada')`);
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

const NINE = Date.parse('2031-12-01T09:00:00Z');

/** Puts it off by an hour while somebody else brings it from one state to another, and waits for them first. */
async function changeWhile(from: number, to: number) {
  const [id = ''] = await seedMessages(db, [{ due: NINE }]);
  await db.pool.query('update pending_message set state = $2 where id = $1', [id, from]);
  const other = await db.pool.connect();
  await other.query('begin');
  await other.query('update pending_message set state = $2 where id = $1', [id, to]);
  const changing = changeMessage(db, 1, id, (_, { zone, templateId, sealed, waiting }) =>
    Promise.resolve({
      due: NINE + HOUR,
      wallTime: null,
      zone,
      expiresAt: waiting.expiresAt.getTime(),
      priority: waiting.priority,
      templateId,
      sealed,
    }),
  );
  await eventually('it waits', async () => {
    const { rowCount } = await db.pool.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rowCount === 1;
  });
  await other.query('commit');
  other.release();
  const { kind } = await changing;
  const { rows } = await db.pool.query<{ due: Date }>('select due from pending_message where id = $1', [id]);
  return { kind, due: rows[0]?.due.getTime() };
}

describe('a message that somebody changes', () => {
  it('stays as it is when it is just being claimed', async () => {
    expect(await changeWhile(STATE_CODES.pending, STATE_CODES.claimed)).toEqual({ kind: 'late', due: NINE });
  });

  it('is held also when it is just being given back, so that nobody claims it meanwhile', async () => {
    expect(await changeWhile(STATE_CODES.claimed, STATE_CODES.pending)).toEqual({
      kind: 'changed',
      due: NINE + HOUR,
    });
  });
});
