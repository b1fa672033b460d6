import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { STATE_CODES } from '../domain/delivery/state';
import { createKeyRing } from '../platform/crypto';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { eventually } from '../test/eventually';
import { seedPeople } from '../test/people';
import { beginCapEpoch } from './caps/epoch';
import { tallyOccurrence } from './counters';
import { openDatabase } from './database';
import type { Database } from './database';
import { claim, extendLease, giveBack, readClaims, takeOver } from './ledger';
import { refuse, settle } from './ledger-outcomes';
import { ensureDeliveryPartition } from './partitions';

const NOW = Date.parse('2026-12-01T09:00:00Z');
const LEASE = 30_000;

let fresh: FreshDatabase;
let db: Database;
let rids: string[];
let occurrences = 0;
let key: { day: string; occurrenceId: string; step: string; version: number };

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
  const people = Array.from({ length: 50 }, (_, index) => ({ id: `p${index}` }));
  rids = await seedPeople(db, createKeyRing([{ id: 'k', key: randomBytes(32) }]), 1, people);
  await ensureDeliveryPartition(db, '2026-12-01');
  await db.pool.query(
    `insert into schedule (id, tenant_id, name, schedule_type, channel, status, created_by)
     values ('s1', 1, 'S', 'once', 'noop', 'running', 'test'), ('over', 1, 'S', 'once', 'noop', 'cancelled', 'test')`,
  );
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

beforeEach(async () => {
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at)
     values (1, 's1', 1, $1, '2026-12-01', 'open', now())
     returning id`,
    [String((occurrences += 1))],
  );
  key = { day: '2026-12-01', occurrenceId: rows[0]?.id ?? '', step: '', version: 1 };
});

const entry = (rid: string) => ({
  rid,
  zone: 'UTC',
  zoneSource: 0,
  due: NOW,
  adjusted: null,
  channel: 'email' as const,
  addressKey: null,
});
const owner = (leaseUntil = NOW + LEASE) => ({ id: randomUUID(), leaseUntil });
const sent = (rid: string, state: number = STATE_CODES.sent) => ({
  rid,
  state,
  reason: null,
  attempts: 1,
  locale: 'en',
  settledAt: NOW,
  channel: 'email' as const,
  provider: 'smtp',
  steps: [],
});
const SLOT = 3;
const ridsOf = (claims: readonly { rid: string }[]) => claims.map(({ rid }) => rid);
const first = (count: number) => rids.slice(0, count);

describe('a claim', () => {
  it('goes to one of any number who ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => claim(db, 's1', key, rids.map(entry), owner(), NOW)),
    );
    const won = answers.flatMap(({ claims }) => ridsOf(claims));
    expect(won.toSorted()).toEqual([...rids].toSorted());
  });

  it('is taken over when its lease has run out, not before', async () => {
    await claim(db, 's1', key, first(1).map(entry), owner(), NOW);
    const before = await claim(db, 's1', key, first(1).map(entry), owner(), NOW + LEASE - 1);
    expect(before.claims).toEqual([]);
    const after = await claim(db, 's1', key, first(1).map(entry), owner(), NOW + LEASE);
    expect(ridsOf(after.claims)).toEqual(first(1));
  });

  it('is refused once the schedule is over, and says why', async () => {
    const answer = await claim(db, 'over', key, first(2).map(entry), owner(), NOW);
    expect(answer).toEqual({ status: 'cancelled', version: 1, claims: [], lost: [], count: 'stands' });
    expect(await claim(db, 'none', key, first(2).map(entry), owner(), NOW)).toEqual({
      status: 'unknown',
      version: 1,
      claims: [],
      lost: [],
      count: 'stands',
    });
    expect(await readClaims(db, key, { after: '0', upTo: '99999' })).toEqual([]);
  });

  it('is made under the count of the caps that holds, and under no other', async () => {
    const claimUnder = (rid: string, epoch: string) =>
      claim(db, 's1', key, [entry(rid)], owner(), NOW, { tenantId: 1, epoch });
    await beginCapEpoch(db, 1, 'e1');
    const [one = '', other = ''] = rids;
    expect(await claimUnder(one, 'e1')).toMatchObject({ count: 'stands', claims: [{ rid: one }] });
    await beginCapEpoch(db, 1, 'e2');
    expect(await claimUnder(other, 'e1')).toMatchObject({ count: 'replaced', claims: [] });
    expect(await claimUnder(other, 'e2')).toMatchObject({ count: 'stands', claims: [{ rid: other }] });
  });

  it('that is being made is awaited by a new count, which then sees it', async () => {
    await beginCapEpoch(db, 1, 'e1');
    const [one = '', other = ''] = rids;
    const claiming = await db.pool.connect();
    await claiming.query('begin');
    const under = { pool: claiming, transaction: claiming } as unknown as Database;
    const made = await claim(under, 's1', key, [entry(one)], owner(), NOW, {
      tenantId: 1,
      epoch: 'e1',
    });
    expect(made.claims).toHaveLength(1);
    const begun = beginCapEpoch(db, 1, 'e2').then(() => readClaims(db, key, { after: '0', upTo: '99999' }));
    await eventually('the new count waits', async () => {
      const { rowCount } = await db.pool.query(
        `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into cap_epoch%'
            and datname = current_database() and pid <> pg_backend_pid()`,
      );
      return rowCount === 1;
    });
    await claiming.query('commit');
    claiming.release();
    expect((await begun).map(({ rid }) => rid)).toContain(one);
    const late = await claim(db, 's1', key, [entry(other)], owner(), NOW, {
      tenantId: 1,
      epoch: 'e1',
    });
    expect(late).toMatchObject({ count: 'replaced', claims: [] });
  });

  it('is refused while the schedule is paused', async () => {
    await db.pool.query(`update schedule set status = 'paused' where id = 's1'`);
    const paused = await claim(db, 's1', key, first(2).map(entry), owner(), NOW);
    await db.pool.query(`update schedule set status = 'running' where id = 's1'`);
    expect(paused).toEqual({ status: 'paused', version: 1, claims: [], lost: [], count: 'stands' });
  });

  it('is refused for a version that the occurrence no longer delivers, and says which it does', async () => {
    await db.pool.query('update occurrence set version = 2 where id = $1', [key.occurrenceId]);
    const stale = await claim(db, 's1', key, first(2).map(entry), owner(), NOW);
    expect(stale).toEqual({ status: 'running', version: 2, claims: [], lost: [], count: 'stands' });
  });

  it('is not made for somebody who was erased', async () => {
    const [gone] = rids.slice(-1);
    await db.pool.query('update recipient set erased_at = now() where rid = $1', [gone]);
    const { claims } = await claim(db, 's1', key, rids.slice(-2).map(entry), owner(), NOW);
    expect(ridsOf(claims)).toEqual(rids.slice(-2, -1));
    await db.pool.query('update recipient set erased_at = null where rid = $1', [gone]);
  });

  it('keeps zone and due instant of the first owner when another takes over', async () => {
    await claim(
      db,
      's1',
      key,
      [{ ...entry(rids[0] ?? ''), zone: 'Asia/Tokyo', adjusted: 1 }],
      owner(NOW),
      NOW,
    );
    expect(await takeOver(db, key, first(1), owner(), NOW)).toEqual([
      {
        rid: rids[0],
        zone: 'Asia/Tokyo',
        zoneSource: 0,
        due: NOW,
        adjusted: 1,
        addressKey: null,
        channel: 'email',
        provider: null,
        attempts: 1,
        reason: 'owner-lost',
        trail: [{ channel: 'email', provider: null, at: NOW, result: 'unknown', reason: 'owner-lost' }],
      },
    ]);
    expect(await takeOver(db, key, first(1), owner(), NOW)).toEqual([]);
  });

  it('is taken over by one of any number', async () => {
    await claim(db, 's1', key, rids.map(entry), owner(NOW), NOW);
    const taken = await Promise.all(Array.from({ length: 4 }, () => takeOver(db, key, rids, owner(), NOW)));
    expect(ridsOf(taken.flat()).toSorted()).toEqual([...rids].toSorted());
  });

  it('of an owner who was lost counts as an attempt that may have been made, whoever comes next', async () => {
    await claim(db, 's1', key, first(2).map(entry), owner(NOW), NOW);
    const again = await claim(db, 's1', key, first(1).map(entry), owner(NOW), NOW);
    expect(again.claims).toMatchObject([{ attempts: 1, reason: 'owner-lost' }]);
    expect(await takeOver(db, key, first(2), owner(), NOW)).toMatchObject([
      { attempts: 2, reason: 'owner-lost' },
      { attempts: 1, reason: 'owner-lost' },
    ]);
  });

  it('is lengthened for its owner alone', async () => {
    const [mine, theirs] = [owner(), owner()];
    await claim(db, 's1', key, first(1).map(entry), mine, NOW);
    await claim(db, 's1', key, rids.slice(1, 2).map(entry), theirs, NOW);
    expect(await extendLease(db, key, first(2), { ...mine, leaseUntil: NOW + 2 * LEASE })).toEqual(first(1));
    expect(await readClaims(db, key, { after: '0', upTo: '99999' })).toEqual([
      { rid: rids[0], leaseUntil: NOW + 2 * LEASE },
      { rid: rids[1], leaseUntil: NOW + LEASE },
    ]);
  });

  it('that was given back is free at once, and remembers its attempts and whether the last was answered', async () => {
    const mine = owner();
    await claim(db, 's1', key, first(2).map(entry), mine, NOW);
    await giveBack(
      db,
      key,
      [
        { rid: rids[0] ?? '', attempts: 2, doubt: 'no-answer', steps: [] },
        { rid: rids[1] ?? '', attempts: null, doubt: null, steps: [] },
      ],
      mine.id,
      NOW,
    );
    const taken = await takeOver(db, key, first(2), owner(), NOW);
    expect(taken.map(({ attempts, reason }) => [attempts, reason])).toEqual([
      [2, 'no-answer'],
      [0, null],
    ]);
    // Who is no longer the owner gives nothing back.
    await giveBack(db, key, [{ rid: rids[0] ?? '', attempts: 9, doubt: null, steps: [] }], mine.id, NOW);
    expect(await takeOver(db, key, first(2), owner(), NOW)).toEqual([]);
  });
});

describe('an outcome', () => {
  it('is recorded by the owner alone, once, and counted with it', async () => {
    const [early, late] = [owner(NOW), owner()];
    await claim(db, 's1', key, first(3).map(entry), early, NOW);
    await claim(db, 's1', key, first(3).map(entry), late, NOW);
    expect(
      await settle(
        db,
        key,
        SLOT,
        first(3).map((rid) => sent(rid)),
        early.id,
      ),
    ).toEqual([]);
    expect(await tallyOccurrence(db, key.occurrenceId)).toEqual({});
    expect(
      await settle(
        db,
        key,
        SLOT,
        first(3).map((rid) => sent(rid)),
        late.id,
      ),
    ).toHaveLength(3);
    expect(
      await settle(
        db,
        key,
        SLOT,
        first(3).map((rid) => sent(rid)),
        late.id,
      ),
    ).toEqual([]);
    expect(await tallyOccurrence(db, key.occurrenceId)).toEqual({ sent: 3 });
  });

  it('of somebody who was never claimed changes no row that is there', async () => {
    await claim(db, 's1', key, first(1).map(entry), owner(), NOW);
    const refusals = first(3).map((rid) => ({ ...entry(rid), state: STATE_CODES.expired, reason: 1 }));
    expect((await refuse(db, key, SLOT, refusals, NOW)).toSorted()).toEqual(rids.slice(1, 3).toSorted());
    expect(await refuse(db, key, SLOT, refusals, NOW)).toEqual([]);
    expect(await tallyOccurrence(db, key.occurrenceId)).toEqual({ expired: 2 });
  });

  it('is counted exactly, whatever happens in whatever order', async () => {
    const step = fc.record({
      kind: fc.constantFrom(
        'claim' as const,
        'settle' as const,
        'refuse' as const,
        'takeOver' as const,
        'giveBack' as const,
      ),
      who: fc.integer({ min: 0, max: 2 }),
      people: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 }),
      state: fc.constantFrom(STATE_CODES.sent, STATE_CODES.failed, STATE_CODES.expired),
      wait: fc.integer({ min: 0, max: LEASE }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
        const own = { ...key, occurrenceId: String((occurrences += 1)) };
        const owners = [randomUUID(), randomUUID(), randomUUID()];
        let now = NOW;
        // Steps run in pairs at once, as pages of different workers do.
        for (let index = 0; index < steps.length; index += 2) {
          await Promise.all(
            steps.slice(index, index + 2).map(async ({ kind, who, people, state, wait }) => {
              now += wait;
              const of = people.map((person) => rids[person] ?? '');
              const id = owners[who] ?? '';
              const leased = { id, leaseUntil: now + LEASE };
              if (kind === 'claim') await claim(db, 's1', own, of.map(entry), leased, now);
              if (kind === 'takeOver') await takeOver(db, own, of, leased, now);
              if (kind === 'settle')
                await settle(
                  db,
                  own,
                  who,
                  of.map((rid) => sent(rid, state)),
                  id,
                );
              if (kind === 'giveBack')
                await giveBack(
                  db,
                  own,
                  of.map((rid) => ({ rid, attempts: null, doubt: null, steps: [] })),
                  id,
                  now,
                );
              if (kind === 'refuse') {
                const refusals = of.map((rid) => ({ ...entry(rid), state, reason: null }));
                await refuse(db, own, who, refusals, now);
              }
            }),
          );
        }
        const { rows } = await db.pool.query<{ state: number; people: number }>(
          `select state, count(*)::int as people from delivery where occurrence_id = $1 and state >= 10 group by state`,
          [own.occurrenceId],
        );
        const tally = await tallyOccurrence(db, own.occurrenceId);
        const byState = new Map(rows.map(({ state, people }) => [state, people]));
        expect(tally).toEqual(
          Object.fromEntries(
            (['sent', 'failed', 'expired'] as const).flatMap((state) => {
              const people = byState.get(STATE_CODES[state]);
              return people === undefined ? [] : [[state, people]];
            }),
          ),
        );
      }),
      { numRuns: 40 },
    );
  });
});
