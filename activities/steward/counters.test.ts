import { STATE_CODES } from '../../domain/delivery/state';
import { CHANNEL_CODES } from '../../domain/delivery/channel';
import { tallyOccurrence } from '../../store/counters';
import { ensureDeliveryPartition } from '../../store/partitions';
import { NOON, openStewardship } from '../../test/stewardship';
import type { Stewardship } from '../../test/stewardship';

let steward: Stewardship;
beforeAll(async () => {
  steward = await openStewardship();
  await ensureDeliveryPartition(steward.db, '2026-12-01');
});
afterAll(() => steward.close());
beforeEach(() => steward.reset());

const take = (cursor: string | null = null) => steward.duties.checkCounters({ cursor });

async function occurrence(scheduleId: string, closed: 'open' | 'closed'): Promise<string> {
  await steward.schedule(scheduleId, { status: 'running' });
  return steward.occurrence(scheduleId, NOON - 1_000, closed === 'closed' ? NOON : undefined);
}

/** So many people in the ledger with an outcome by mail. */
const ledger = (occurrenceId: string, state: keyof typeof STATE_CODES, people: number) =>
  steward.db.pool.query(
    `insert into delivery (day, occurrence_id, rid, state, channel, zone_source, zone, due)
     select '2026-12-01', $1, coalesce((select max(rid) from delivery), 0) + n, $2, $3, 0, 'UTC', now()
       from generate_series(1, $4::int) n`,
    [occurrenceId, STATE_CODES[state], CHANNEL_CODES.email, people],
  );

const counter = (occurrenceId: string, state: keyof typeof STATE_CODES, slot: number, people: number) =>
  steward.db.pool.query(
    `insert into counter (occurrence_id, channel, state, slot, count) values ($1, $2, $3, $4, $5)`,
    [occurrenceId, CHANNEL_CODES.email, STATE_CODES[state], slot, people],
  );

describe('the duty of counters', () => {
  it('finds sums of several slots equal to the ledger, and looks at a closed occurrence once', async () => {
    const id = await occurrence('s1', 'closed');
    await ledger(id, 'sent', 30);
    await ledger(id, 'claimed', 2);
    await ledger(id, 'unknown', 1);
    await counter(id, 'sent', 3, 10);
    await counter(id, 'sent', 7, 20);
    await counter(id, 'unknown', 3, 4);
    await counter(id, 'unknown', 0, -3);
    expect(await take()).toEqual({ did: { checked: 1, mended: 0 }, cursor: null, next: 'in-its-time' });
    expect(await take()).toMatchObject({ did: { checked: 0 } });
    expect(steward.log).toEqual([]);
  });

  it('mends what is missing, too much, or not in the ledger at all, and says which', async () => {
    const id = await occurrence('s1', 'closed');
    await ledger(id, 'sent', 30);
    await ledger(id, 'expired', 4);
    await ledger(id, 'unknown', 5);
    await counter(id, 'sent', 0, 12);
    await counter(id, 'sent', 5, 20);
    await counter(id, 'failed', 1, 3);
    expect(await take()).toMatchObject({ did: { checked: 1, mended: 4 } });
    expect(await tallyOccurrence(steward.db, id)).toEqual({ sent: 30, expired: 4, unknown: 5 });
    expect(steward.log.map(({ level, fields }) => ({ level, ...fields }))).toEqual([
      { level: 'error', occurrenceId: id, step: '', channel: 'email', state: 'unknown', people: 5 },
      { level: 'error', occurrenceId: id, step: '', channel: 'email', state: 'sent', people: -2 },
      { level: 'error', occurrenceId: id, step: '', channel: 'email', state: 'failed', people: -3 },
      { level: 'error', occurrenceId: id, step: '', channel: 'email', state: 'expired', people: 4 },
    ]);
  });

  it('goes round over the open ones, five a turn', async () => {
    for (let n = 0; n < 7; n += 1) {
      const id = await occurrence(`s${n}`, 'open');
      await ledger(id, 'sent', 1);
    }
    const first = await take();
    expect(first).toMatchObject({ did: { checked: 5, mended: 5 }, cursor: expect.any(String) });
    expect(await take(first.cursor)).toMatchObject({ did: { checked: 2, mended: 2 }, cursor: null });
    expect(await take()).toMatchObject({ did: { checked: 5, mended: 0 } });
  });

  it('stays right while people are being settled', async () => {
    const id = await occurrence('s1', 'open');
    await ledger(id, 'sent', 500);
    const settle = async (slot: number): Promise<void> => {
      for (let n = 0; n < 20; n += 1) {
        await steward.db.pool.query(
          `with settled as (
             insert into delivery (day, occurrence_id, rid, state, channel, zone_source, zone, due)
             values ('2026-12-01', $1, $2, $3, $4, 0, 'UTC', now())
             returning 1
           )
           insert into counter (occurrence_id, channel, state, slot, count) select $1, $4, $3, $5, 1 from settled
           on conflict (occurrence_id, step, variant, channel, state, slot) do update set count = counter.count + 1`,
          [id, 1_000_000 + slot * 1_000 + n, STATE_CODES.sent, CHANNEL_CODES.email, slot],
        );
      }
    };
    await Promise.all([settle(0), settle(1), take(), take(), take()]);
    expect(await tallyOccurrence(steward.db, id)).toEqual({ sent: 540 });
    expect(await take()).toMatchObject({ did: { mended: 0 } });
  });

  it('ends a turn that takes long, and goes on with the next', async () => {
    for (let n = 0; n < 3; n += 1) await ledger(await occurrence(`s${n}`, 'closed'), 'sent', 1);
    steward.clock.passes = 4_000;
    expect(await take()).toMatchObject({ did: { checked: 2 }, next: 'at-once' });
    steward.clock.passes = 0;
    expect(await take()).toMatchObject({ did: { checked: 1 }, next: 'in-its-time' });
  });
});
