import { randomUUID } from 'node:crypto';
import { loadZones } from '../../platform/zones';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { storedPayloads } from '../encryption/stored-payloads';
import { eventually } from '../eventually';
import { recordHistories } from '../histories/record';
import { mailsTo } from './inbox';
import { ownDomain, postSchedule, untilStatus } from './people';
import { openSundial } from './sundial';
import type { Answer, Sundial } from './sundial';

jest.setTimeout(180_000);

let fresh: FreshDatabase;
let sundial: Sundial;

beforeEach(async () => {
  fresh = await freshDatabase();
  sundial = await openSundial({ databaseUrl: fresh.url, taskQueue: randomUUID(), zones: loadZones() });
  await sundial.startWorker();
});
afterEach(async () => {
  await sundial.stop();
  await fresh.drop();
});

const readJob = async (id: string): Promise<Answer['body']> =>
  (await sundial.call('GET', `/v1/jobs/${id}`)).body;

const untilOver = (id: string): Promise<Answer['body']> =>
  eventually(
    'the job is over',
    async () => {
      const job = await readJob(id);
      return job.status === 'running' ? false : job;
    },
    { withinMs: 120_000 },
  );

async function importFile(file: string): Promise<string> {
  const { status, body } = await sundial.upload('/v1/recipients/import', 'text/csv', file);
  expect({ status, body }).toMatchObject({ status: 202 });
  return body.id;
}

describe('a file of people', () => {
  it('is imported, its mistakes are told, and its people get their mail', async () => {
    const domain = ownDomain();
    const id = await importFile(
      [
        'id,email,timeZone,first_name',
        `ada,ada@${domain},Europe/Vienna,Ada`,
        `bob,bob(at)${domain},PST,Bob`,
        `eve,eve@${domain},Asia/Kathmandu,"Eve, the ""third"""`,
      ].join('\n'),
    );
    const job = await untilOver(id);
    expect(job).toMatchObject({
      status: 'completed',
      progress: { done: 3, total: 3, failed: 1 },
      errorsUrl: `/v1/jobs/${id}/errors`,
    });
    const errors = (await sundial.text(job.errorsUrl)).trimEnd().split('\n');
    expect(errors.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ line: 3, column: 'email', code: 'email.invalid' }),
      expect.objectContaining({ line: 3, column: 'timeZone', code: 'zone.unknown' }),
    ]);
    const scheduleId = await postSchedule(sundial, { delay: 'PT0S' });
    await untilStatus(sundial, scheduleId, 'completed');
    const mails = await eventually('two mails', async () => {
      const found = await mailsTo(domain);
      return found.length === 2 && found;
    });
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual(['For Ada', 'For Eve, the "third"']);

    const workflow = sundial.importWorkflow(id);
    await recordHistories('import', [workflow]);
    const payloads = await storedPayloads(workflow);
    const seen = payloads.map(({ data }) => Buffer.from(data).toString('utf8')).join('\n');
    expect(seen).toContain('"failed":1');
    for (const secret of [domain, 'Vienna', 'Kathmandu', 'third']) expect(seen).not.toContain(secret);
  });

  it('is imported to its end, exactly, when the worker is stopped in the middle', async () => {
    const rows = Array.from(
      { length: 15_000 },
      (_, n) => `p${n},p${n}${n % 100 === 0 ? '' : '@'}example.com,free`,
    );
    const id = await importFile(['id,email,plan', ...rows].join('\n'));
    const seen: number[] = [];
    for (let stops = 1; stops <= 2; stops += 1) {
      await eventually('it goes on', async () => (await readJob(id)).progress.done > 2_000 * stops);
      await sundial.stopWorker();
      const { status, progress } = await readJob(id);
      expect(status).toBe('running');
      seen.push(progress.done);
      await sundial.startWorker();
    }
    const job = await untilOver(id);
    expect(job).toMatchObject({
      status: 'completed',
      progress: { done: 15_000, total: 15_000, failed: 150 },
    });
    const { rows: counted } = await sundial.db.pool.query(
      'select count(*)::int as people, count(distinct external_id)::int as ids from recipient',
    );
    expect(counted).toEqual([{ people: 14_850, ids: 14_850 }]);
    expect((await sundial.text(job.errorsUrl)).trimEnd().split('\n')).toHaveLength(150);
    expect(seen[0]).toBeLessThan(seen[1] ?? 0);
  });
});
