import { MESSAGE_QUEUES } from '../../domain/messages/queue';
import type { MessageQueue } from '../../domain/messages/queue';
import { DAY, HOUR, MINUTE, SECOND } from '../../domain/time/instant';
import { NINE, campaignKeyRing, plainConfig, scriptedChannel, startCampaign } from '../../test/campaign';
import type { Campaign } from '../../test/campaign';
import { outcomesOfMessages, seedMessages } from '../../test/messages';
import type { SeedMessage } from '../../test/messages';
import { seedPeople } from '../../test/people';
import type { SeedPerson } from '../../test/people';
import type { SendResult } from '../../channels/channel';
import { decideMessage } from '../../store/messages/decide';
import { byChannel } from '../../channels/registry';
import { beginCapEpoch } from '../../store/caps/epoch';
import { replayMessages } from '../../store/messages/replay';
import { sealWords } from '../../store/messages/sealing';
import { readFigures } from '../../store/outcome-figures';

const accepted: SendResult = { kind: 'accepted' };
let answer: (to: string, attempt: number) => SendResult | Promise<SendResult> = () => accepted;
const channel = scriptedChannel('email', ({ address }, attempt) => answer(address, attempt));
let campaign: Campaign;

beforeAll(async () => {
  campaign = await startCampaign(channel);
});

beforeEach(async () => {
  await campaign.reset();
  channel.sent.length = 0;
  answer = () => accepted;
  await campaign.db.pool.query(
    `insert into template (id, tenant_id, name, created_at, updated_at) values ('tpl_1', 1, 'Hello', now(), now())`,
  );
  await campaign.db.pool.query(
    `insert into template_version (template_id, version, definition, created_by) values ('tpl_1', 1, $1, 'test')`,
    [JSON.stringify({ name: 'Hello', ...plainConfig.content })],
  );
});

afterAll(() => campaign.close());

const shard: MessageQueue = { kind: 'shard', shard: 7 };
const deliver = (queue: MessageQueue = shard) => campaign.activities.deliverMessages({ queue });

async function person(about: Partial<SeedPerson> = {}): Promise<string> {
  const id = about.id ?? `p${Math.random()}`;
  const known = { id, email: `${id}@example.org`, attributes: { first_name: 'Ada' }, ...about };
  const [rid = ''] = await seedPeople(campaign.db, campaignKeyRing, 1, [known]);
  return rid;
}

async function message(about: Partial<SeedMessage> = {}): Promise<string> {
  const [id = ''] = await seedMessages(campaign.db, [
    {
      shard: 7,
      due: NINE,
      channel: 'email',
      templateId: 'tpl_1',
      rid: about.rid ?? (await person()),
      ...about,
    },
  ]);
  return id;
}

/** The other tenant has a template too, tpl_2. */
async function personOfAnotherTenant(): Promise<string> {
  await campaign.db.pool.query(
    `insert into tenant (id, name, default_time_zone) values (2, 'other', 'UTC') on conflict do nothing`,
  );
  await campaign.db.pool.query(
    `insert into template (id, tenant_id, name, created_at, updated_at) values ('tpl_2', 2, 'Hello', now(), now())`,
  );
  await campaign.db.pool.query(
    `insert into template_version (template_id, version, definition, created_by)
       select 'tpl_2', 1, definition, 'test' from template_version`,
  );
  const [rid = ''] = await seedPeople(campaign.db, campaignKeyRing, 2, [
    { id: 'o', email: 'other@example.org' },
  ]);
  return rid;
}

const outcomes = () => outcomesOfMessages(campaign.db);

describe('delivering messages', () => {
  it('sends what is due and records it, and leaves the rest', async () => {
    const due = await message({ rid: await person({ id: 'ada' }) });
    await message({ due: NINE + HOUR });
    expect(await deliver()).toEqual({ sent: 1 });
    expect(channel.sent).toMatchObject([
      { address: 'ada@example.org', subject: 'Hi Ada', body: 'Hello Ada' },
    ]);
    expect(await outcomes()).toEqual({ [due]: 'sent' });
    expect(await campaign.activities.nextMessages({ queue: shard })).toEqual({ at: NINE + HOUR });
    expect(await readFigures(campaign.db, 1, { scheduleId: null, from: null, to: null })).toEqual({
      sent: 1,
    });
  });

  it('says what a message says of its own, and in the words of its template what its data are', async () => {
    const rid = await person({ id: 'ada' });
    const { rows } = await campaign.db.pool.query<{ wrapped: Buffer }>('select wrapped from recipient_key');
    const wrapped = rows[0]?.wrapped ?? Buffer.alloc(0);
    const [own = '', data = ''] = await seedMessages(
      campaign.db,
      [undefined, 'tpl_1'].map((templateId) => ({
        shard: 7,
        due: NINE,
        channel: 'email',
        rid,
        sealed: Buffer.alloc(1),
        ...(templateId !== undefined && { templateId }),
      })),
    );
    const said = async (id: string, words: Parameters<typeof sealWords>[3]) =>
      campaign.db.pool.query('update message_data set sealed = $2 where id = $1', [
        id,
        sealWords(campaignKeyRing, { rid, wrapped }, id, words),
      ]);
    const inline = {
      ...plainConfig.content,
      contents: { email: { variants: { en: { subject: 'Own', body: 'Words' } } } },
    };
    await said(own, { content: { defaultLocale: 'en', requiredVariables: [], ...inline }, data: {} });
    await said(data, { content: null, data: { first_name: 'Countess' } });
    expect(await deliver()).toEqual({ sent: 2 });
    expect(new Set(channel.sent.map(({ subject }) => subject))).toEqual(new Set(['Hi Countess', 'Own']));
  });

  it('lets nothing leave before its instant, and holds for what is due in a moment', async () => {
    await message({ due: NINE + 900 });
    const leftAt: number[] = [];
    answer = () => {
      leftAt.push(campaign.clock.now);
      return accepted;
    };
    expect(await deliver()).toEqual({ sent: 1 });
    expect(leftAt).toEqual([NINE + 900]);
  });

  it('takes what comes while it stays, so that nobody need nudge it', async () => {
    await message();
    const written = new Promise<string>((resolve, reject) => {
      answer = () => {
        answer = () => accepted;
        message({ due: NINE + 20 }).then(resolve, reject);
        return accepted;
      };
    });
    // The clock of a test, which does not wait for Postgres, stands still until it is written.
    const worker = campaign.worker({
      sleep: async (ms) => {
        await written;
        campaign.clock.now += ms;
      },
    });
    expect(await worker.deliverMessages({ queue: shard })).toEqual({ sent: 2 });
  });

  it('takes urgent messages of all shards in a queue of their own', async () => {
    const [one, two] = [await message({ shard: 3, priority: 1 }), await message({ priority: 1 })];
    expect(await deliver()).toEqual({});
    expect(await deliver({ kind: 'urgent' })).toEqual({ sent: 2 });
    expect(await outcomes()).toEqual({ [one]: 'sent', [two]: 'sent' });
    for (const queue of MESSAGE_QUEUES)
      expect(await campaign.activities.nextMessages({ queue })).toEqual({ at: null });
  });
});

describe('a message that is not sent', () => {
  it('says why', async () => {
    const erased = await person();
    await campaign.db.pool.query('update recipient set erased_at = now() where rid = $1', [erased]);
    const expected = {
      [await message({ due: NINE - DAY, expiresAt: NINE - 1 })]: 'expired/expired-message',
      [await message({
        rid: (await seedPeople(campaign.db, campaignKeyRing, 1, [{ id: 'nowhere' }]))[0] ?? '',
      })]: 'no-address',
      [await message({ rid: erased })]: 'erased/key-destroyed',
      [await message({ templateId: 'tpl_gone' })]: 'failed/template-missing',
      [await message({ templateId: 'tpl_2' })]: 'failed/template-missing',
    };
    await campaign.db.pool.query(
      `insert into template (id, tenant_id, name, created_at, updated_at) values ('tpl_2', 2, 'Of others', now(), now())`,
    );
    await campaign.db.pool.query(
      `insert into template_version (template_id, version, definition, created_by)
       select 'tpl_2', 1, definition, 'test' from template_version`,
    );
    await deliver();
    expect(await outcomes()).toEqual(expected);
    expect(channel.sent).toEqual([]);
  });

  it('is to an address that its provider refused, from then on', async () => {
    const rid = await person();
    const [first] = [await message({ rid })];
    answer = () => ({ kind: 'rejected', reason: 'rejected-address' });
    await deliver();
    const second = await message({ rid });
    await deliver();
    expect(await outcomes()).toEqual({
      [first]: 'failed/rejected-address',
      [second]: 'suppressed/rejected-address',
    });
    expect(channel.sent).toHaveLength(1);
  });

  it('is beyond the caps of its person, unless it is transactional', async () => {
    const rid = await person();
    const of = (n: number) => message({ rid, due: NINE - 10 + n });
    const counted = [await of(0), await of(1), await of(2), await of(3)];
    const transactional = await message({ rid, category: 'transactional' });
    expect(await deliver()).toEqual({ sent: 4, capped: 1 });
    expect(await outcomes()).toEqual({
      ...Object.fromEntries(counted.map((id, n) => [id, n < 3 ? 'sent' : 'capped/cap-day'])),
      [transactional]: 'sent',
    });
  });

  it('gives its place under the caps back when it was certainly not accepted', async () => {
    const rid = await person();
    answer = () => ({ kind: 'rejected', reason: 'rejected-message' });
    for (let n = 0; n < 3; n += 1) await message({ rid });
    expect(await deliver()).toEqual({ failed: 3 });
    answer = () => accepted;
    for (let n = 0; n < 3; n += 1) await message({ rid });
    expect(await deliver()).toEqual({ sent: 3 });
  });

  it('waits while nobody can say how many its person has had, and holds up no transactional one', async () => {
    const [waits, goes] = [await message(), await message({ category: 'transactional' })];
    const worker = campaign.worker({
      places: {
        take: () => Promise.resolve({ kind: 'away', error: new Error('Redis is away.') }),
        giveBack: () => Promise.resolve(),
        goUncounted: () => Promise.reject(new Error('Redis is away.')),
        outdated: () => undefined,
      },
    });
    expect(await worker.deliverMessages({ queue: shard })).toEqual({ sent: 1 });
    expect(await outcomes()).toEqual({ [goes]: 'sent' });
    campaign.clock.now += MINUTE;
    expect(await deliver()).toEqual({ sent: 1 });
    expect(await outcomes()).toEqual({ [goes]: 'sent', [waits]: 'sent' });
  });
});

describe('a message on a channel that its worker does not have', () => {
  it('waits for one that has it, and holds up nobody else', async () => {
    const waits = await message({ channel: 'noop', due: NINE - HOUR });
    const goes = await message();
    expect(await deliver()).toEqual({ sent: 1 });
    expect(await outcomes()).toEqual({ [goes]: 'sent' });
    campaign.clock.now += MINUTE;
    const noop = scriptedChannel('noop', () => accepted);
    const other = campaign.worker({ channels: byChannel([noop]) });
    expect(await other.deliverMessages({ queue: shard })).toEqual({ sent: 1 });
    expect(await outcomes()).toEqual({ [goes]: 'sent', [waits]: 'sent' });
  });
});

describe('a provider that does not take a message', () => {
  it('is asked again under the same id, at most three times more', async () => {
    const id = await message();
    answer = () => ({ kind: 'transient' });
    while ((await outcomes())[id] === undefined) {
      await deliver();
      campaign.clock.now =
        (await campaign.activities.nextMessages({ queue: shard })).at ?? campaign.clock.now;
    }
    expect(await outcomes()).toEqual({ [id]: 'failed/provider-unavailable' });
    expect(new Set(channel.sent.map((one) => one.id)).size).toBe(1);
    expect(channel.sent).toHaveLength(4);
    const { rows } = await campaign.db.pool.query('select template_id from message_data where id = $1', [id]);
    expect(rows).toEqual([{ template_id: 'tpl_1' }]);
    const trail = await campaign.db.pool.query('select count(*)::int as steps from attempt');
    expect(trail.rows).toEqual([{ steps: 4 }]);
  });

  it('is asked anew, and the first one first, when somebody wants a dead letter sent once more', async () => {
    const rid = await person({ id: 'wanted' });
    const [tried, refused] = [await message(), await message({ rid })];
    answer = (to, attempt) =>
      to === 'wanted@example.org' && attempt === 2
        ? { kind: 'rejected', reason: 'rejected-address' }
        : { kind: 'transient' };
    for (let n = 0; n < 5; n += 1) {
      await deliver();
      campaign.clock.now += MINUTE;
    }
    expect(await outcomes()).toEqual({
      [tried]: 'failed/provider-unavailable',
      [refused]: 'failed/rejected-address',
    });
    const by = { tenantId: 1, actorId: 'test', at: new Date(campaign.clock.now) };
    await campaign.db.pool.query('delete from suppression');
    expect(await replayMessages(campaign.db, by, {})).toHaveLength(2);
    answer = () => accepted;
    expect(await deliver()).toEqual({ sent: 2 });
    expect(await outcomes()).toEqual({ [tried]: 'sent', [refused]: 'sent' });
    expect((await campaign.db.pool.query('select 1 from suppression')).rowCount).toBe(0);
  });

  it('may have taken it: it is sent again under the same id, and in the end left to a person', async () => {
    const [once, never] = [await message({ rid: await person({ id: 'once' }) }), await message()];
    answer = (to, attempt) => (to === 'once@example.org' && attempt === 2 ? accepted : { kind: 'unknown' });
    for (let n = 0; n < 9; n += 1) {
      await deliver();
      campaign.clock.now += MINUTE;
    }
    expect(await outcomes()).toEqual({ [once]: 'sent', [never]: 'unknown/no-answer' });
    const by = { tenantId: 1, actorId: 'test', at: new Date(campaign.clock.now) };
    await decideMessage(campaign.db, by, never, 'resend');
    answer = () => accepted;
    expect(await deliver()).toEqual({ sent: 1 });
    expect(await outcomes()).toEqual({ [once]: 'sent', [never]: 'sent' });
    expect(new Set(channel.sent.map((one) => one.id)).size).toBe(2);
  });

  it('has whoever was erased meanwhile not written to any more', async () => {
    const rid = await person();
    const id = await message({ rid });
    answer = async () => {
      await campaign.db.pool.query('update recipient set erased_at = now() where rid = $1', [rid]);
      return { kind: 'transient' };
    };
    await deliver();
    campaign.clock.now += MINUTE;
    await deliver();
    expect(await outcomes()).toEqual({ [id]: 'erased/key-destroyed' });
    expect(channel.sent).toHaveLength(1);
  });
});

describe('a worker that stands still', () => {
  it('does not take once more what it has on the way, though its lease has run out', async () => {
    const id = await message();
    answer = async (_, attempt) => {
      if (attempt > 1) return accepted;
      campaign.clock.now += 25 * SECOND;
      // Long enough to be found again.
      for (let n = 0; n < 30; n += 1) await campaign.db.pool.query('select 1');
      return accepted;
    };
    expect(await deliver()).toEqual({ sent: 1 });
    expect(channel.sent).toHaveLength(1);
    expect(await outcomes()).toEqual({ [id]: 'sent' });
    const { rows } = await campaign.db.pool.query('select attempts from delivery');
    expect(rows).toEqual([{ attempts: 1 }]);
  });
});

describe('a delivery that fails for one tenant', () => {
  it('leaves no claim of another behind', async () => {
    const other = await personOfAnotherTenant();
    await seedMessages(campaign.db, many(1, { rid: await person(), category: 'marketing' }, 1));
    const theirs = { rid: other, category: 'marketing', templateId: 'tpl_2' };
    await seedMessages(campaign.db, many(2, theirs, 1));
    await beginCapEpoch(campaign.db, 2, 'e');
    const worker = campaign.worker({
      places: {
        async take(tenantId) {
          if (tenantId === 1) throw new Error('It cannot be said.');
          for (let n = 0; n < 30; n += 1) await campaign.db.pool.query('select 1');
          return { kind: 'taken', epoch: 'e', refused: new Map() };
        },
        giveBack: () => Promise.resolve(),
        goUncounted: () => Promise.reject(new Error('Redis is away.')),
        outdated: () => undefined,
      },
    });
    await expect(worker.deliverMessages({ queue: shard })).rejects.toThrow('It cannot be said.');
    const { rows } = await campaign.db.pool.query(
      'select tenant_id from pending_message where owner is not null',
    );
    expect(rows).toEqual([]);
    expect(Object.values(await outcomes())).toEqual(['sent']);
  });
});

describe('a worker that dies', () => {
  it('leaves what it had in flight to be sent again under the same id, and nothing else', async () => {
    const inFlight = await message({ rid: await person({ id: 'in-flight' }) });
    const recorded = await message();
    let dead = false;
    const answered = new AbortController();
    answer = (to) => {
      if (dead || to !== 'in-flight@example.org') return accepted;
      return new Promise((resolve) => {
        answered.signal.addEventListener('abort', () =>
          resolve({ kind: 'rejected', reason: 'rejected-message' }),
        );
      });
    };
    const dying = campaign.worker({}).deliverMessages({ queue: shard });
    while ((await outcomes())[recorded] === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    dead = true;
    campaign.clock.now += MINUTE;
    await deliver();
    expect(await outcomes()).toEqual({ [inFlight]: 'sent', [recorded]: 'sent' });
    const ids = channel.sent.map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(2);
    // Whatever it hears by now is not its to record.
    answered.abort();
    expect(await dying).toEqual({ sent: 1 });
    expect(await outcomes()).toEqual({ [inFlight]: 'sent', [recorded]: 'sent' });
  });

  it('gives back what it has not sent when it is told to stop, so that nobody waits for its lease', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => message({ category: 'transactional' })));
    const stopping = new AbortController();
    answer = () => {
      stopping.abort();
      return accepted;
    };
    const stopped = campaign.worker({ run: { stop: stopping.signal } });
    await expect(stopped.deliverMessages({ queue: shard })).rejects.toThrow('stopped');
    const sent = channel.sent.length;
    expect(sent).toBeLessThan(ids.length);
    answer = () => accepted;
    await deliver();
    expect(Object.keys(await outcomes()).toSorted()).toEqual(ids.toSorted());
    expect(channel.sent).toHaveLength(ids.length);
  });
});

const many = (tenantId: number, about: Partial<SeedMessage>, count: number): SeedMessage[] =>
  Array.from({ length: count }, (_, n) => ({
    tenantId,
    shard: 7,
    due: NINE - HOUR + n,
    channel: 'email' as const,
    category: 'transactional',
    templateId: 'tpl_1',
    ...about,
  }));

describe('a tenant whose turn does not come', () => {
  it('waits by itself: what others have leaves meanwhile, and goes back until then', async () => {
    const other = await personOfAnotherTenant();
    await seedMessages(campaign.db, many(1, { rid: await person() }, 150));
    let theirs: Promise<string[]> | undefined;
    let left = false;
    answer = (to) => {
      left ||= to === 'other@example.org';
      if (to === 'other@example.org') return accepted;
      theirs ??= seedMessages(campaign.db, many(2, { rid: other, due: NINE, templateId: 'tpl_2' }, 1));
      return { kind: 'paced', retryAfterMs: HOUR };
    };
    const stayed = campaign.worker({
      // Nobody lives through the hour: they wait until the delivery ends. Its time begins when the others' has left.
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (ms >= HOUR) signal?.addEventListener('abort', () => resolve());
          else setImmediate(resolve);
          if (ms < HOUR && left) campaign.clock.now += 10 * ms;
        }),
    });
    expect(await stayed.deliverMessages({ queue: shard })).toEqual({ sent: 1 });
    const [id = ''] = (await theirs) ?? [];
    expect(await outcomes()).toEqual({ [id]: 'sent' });
    const { rows } = await campaign.db.pool.query(
      `select count(*)::int as waiting, count(*) filter (where ready_at > $2) >= 100 as back,
              min(ready_at) filter (where ready_at > $2) >= $1 as later, sum(attempts)::int as attempts
         from pending_message
        where owner is null`,
      [new Date(campaign.clock.now + MINUTE), new Date(NINE)],
    );
    expect(rows).toEqual([{ waiting: 150, back: true, later: true, attempts: 0 }]);
  });
});

describe('a tenant with a backlog', () => {
  it('does not delay another one', async () => {
    const rid = await person();
    const other = await personOfAnotherTenant();
    await seedMessages(campaign.db, [
      ...many(1, { rid }, 600),
      ...many(2, { rid: other, due: NINE, templateId: 'tpl_2' }, 10),
    ]);
    expect(await deliver()).toEqual({ sent: 610 });
    const places = channel.sent.flatMap(({ address }, place) =>
      address === 'other@example.org' ? [place] : [],
    );
    expect(places).toHaveLength(10);
    expect(Math.max(...places)).toBeLessThan(200);
  });
});
