import { pino } from 'pino';
import { loadZones } from '../platform/zones';
import { openDatabase } from '../store/database';
import { openImports } from '../test/imports';
import type { Imports } from '../test/imports';
import type { JobState } from './contract';
import { IMPORT_PACE } from './import-pace';
import type { ImportPace } from './import-pace';
import { advanceJob } from './job';
import type { JobRun } from './job-run';

jest.setTimeout(60_000);

let imports: Imports;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

const zones = loadZones();
const logger = pino({ level: 'silent' });

function advance(
  jobId: string,
  pace: Partial<ImportPace>,
  run: Partial<JobRun> = {},
  db = imports.db,
): Promise<JobState> {
  const { keyRing, tenantId, clock } = imports;
  const running: JobRun = {
    stop: new AbortController().signal,
    heartbeat: () => undefined,
    stopped: () => new Error('stopped'),
    ...run,
  };
  const deps = { db, keyRing, zones, logger, clock: () => clock.now };
  return advanceJob(deps, running, { tenantId, jobId }, { ...IMPORT_PACE, ...pace });
}

/** Everybody twice, `count` lines apart. */
const everybodyTwice = (count: number): string =>
  ['id', ...Array.from({ length: 2 * count }, (_, n) => `p${n % count}`), ''].join('\n');

const toldLines = async (jobId: string): Promise<string[]> =>
  (await imports.errors(jobId)).map(({ line, code, reason }) => `${line} ${code} ${reason}`);

const supersededBy = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, n) => `${n + 2} row.superseded line ${n + 2 + count} has the same id and counts`,
  );

describe('the end of a large import', () => {
  it('tells every superseded line, in steps of bounded size', async () => {
    const job = await imports.stage(everybodyTwice(2_000));
    const state = await advance(job, { rowsAnEndStep: 700 });
    expect(state).toMatchObject({ kind: 'over', status: 'completed', done: 4_000, failed: 0 });
    // Four blocks and six parts, of which the last is the end of the job.
    expect(await imports.job(job)).toMatchObject({ step: 9, steps: 4 });
    expect(await toldLines(job)).toEqual(supersededBy(2_000));
  });

  it('hands back between two steps, and is resumed there', async () => {
    const job = await imports.stage(everybodyTwice(2_000));
    const pace = { rowsAnEndStep: 700, stretchMs: 0 };
    const steps: number[] = [];
    for (let state = await advance(job, pace); state.kind === 'running'; state = await advance(job, pace)) {
      steps.push((await imports.job(job)).step);
    }
    expect(steps).toEqual([1, 2, 3, 5, 6, 7, 8, 9]);
    expect(await toldLines(job)).toEqual(supersededBy(2_000));
  });

  it('is done once by two attempts at it', async () => {
    const job = await imports.stage(everybodyTwice(2_000));
    await Promise.all([advance(job, { rowsAnEndStep: 200 }), advance(job, { rowsAnEndStep: 200 })]);
    for (let state = await advance(job, { rowsAnEndStep: 200 }); state.kind === 'running';) {
      state = await advance(job, { rowsAnEndStep: 200 });
    }
    expect(await imports.job(job)).toMatchObject({ status: 'completed', step: 23, done: 4_000 });
    expect(await toldLines(job)).toEqual(supersededBy(2_000));
  });

  it('is given up when its statement takes too long each time', async () => {
    const { pool } = imports.db;
    const impatient = openDatabase(imports.url, { answersWithinMs: 600 });
    await pool.query(
      `create function dawdle() returns trigger language plpgsql as
       $$ begin perform pg_sleep(30); return new; end $$`,
    );
    await pool.query(
      `create trigger dawdle before insert on job_error
        for each row when (new.code = 'row.superseded') execute function dawdle()`,
    );
    try {
      const job = await imports.stage(everybodyTwice(1_000));
      for (let failures = 1; failures < 5; failures += 1) {
        await expect(advance(job, {}, {}, impatient)).rejects.toThrow('A step of the job went wrong');
      }
      expect(await advance(job, {}, {}, impatient)).toMatchObject({ kind: 'over', status: 'failed' });
      expect((await imports.job(job)).failure).toBe('job.stuck');
    } finally {
      await impatient.close();
      await pool.query('drop function dawdle cascade');
    }
  });
});
