import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { createActivities } from '../activities';
import type { JobState } from '../activities/contract';
import type { JobRun } from '../activities/job-run';
import { stageFile } from '../api/imports/stage';
import type { FileFormat } from '../domain/import/format';
import type { RowError } from '../domain/import/row-codes';
import { newId } from '../platform/new-id';
import { createKeyRing } from '../platform/crypto';
import type { KeyRing } from '../platform/crypto';
import { createWorkerMetrics } from '../platform/metrics';
import { loadZones } from '../platform/zones';
import { openDatabase } from '../store/database';
import type { Database } from '../store/database';
import { blockContext, stageBlock } from '../store/job-blocks';
import { listJobErrors } from '../store/job-errors';
import { createJob, findJob } from '../store/jobs';
import type { JobRecord } from '../store/jobs';
import { freshDatabase } from './database';
import { noPlaces } from './places';

/** Imports without an API and without Temporal: what the one would have staged, and what the other would call. */
export interface Imports {
  readonly db: Database;
  /** Of the same database, for a process that waits shorter or longer. */
  readonly url: string;
  readonly tenantId: number;
  readonly keyRing: KeyRing;
  /** What all clocks show. */
  readonly clock: { now: number };
  readonly log: string[];
  /** Stages a file and makes its job; returns the job's id. */
  stage(file: string | Buffer, format?: FileFormat): Promise<string>;
  /** One attempt to carry the job on. */
  advance(jobId: string, run?: Partial<JobRun>, keyRing?: KeyRing): Promise<JobState>;
  /** Carries the job on until it is over. */
  finish(jobId: string): Promise<JobState>;
  job(jobId: string): Promise<JobRecord>;
  errors(jobId: string): Promise<RowError[]>;
  close(): Promise<void>;
}

const zones = loadZones();

export async function openImports(): Promise<Imports> {
  const fresh = await freshDatabase();
  const db = openDatabase(fresh.url);
  const keyRing = createKeyRing([{ id: 'k1', key: randomBytes(32) }]);
  const tenantId = 1;
  const clock = { now: Date.parse('2026-11-20T12:00:00Z') };
  const log: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => log.push(line) });
  const running = { stop: new AbortController().signal, heartbeat: () => undefined };

  const imports: Imports = {
    db,
    url: fresh.url,
    tenantId,
    keyRing,
    clock,
    log,
    async stage(file, format = 'csv') {
      const jobId = newId('job', clock.now);
      const createdAt = new Date(clock.now);
      const { spec, blocks, rows } = await stageFile(format, inPieces(Buffer.from(file)), async (block) => {
        const { bytes, ...place } = block;
        const sealed = keyRing.sealByRing(bytes, blockContext(jobId, block.seq));
        await stageBlock(db, jobId, { ...place, sealed }, createdAt);
      });
      const job = {
        id: jobId,
        tenantId,
        kind: 'import',
        spec,
        steps: blocks,
        total: rows,
        createdBy: 'test',
        createdAt,
      } as const;
      await createJob(db, job);
      return jobId;
    },
    advance(jobId, run = {}, otherKeyRing = keyRing) {
      const { advanceJob } = createActivities({
        db,
        zones,
        channels: new Map(),
        keyRing: otherKeyRing,
        places: noPlaces,
        clock: () => clock.now,
        random: () => 0.5,
        sleep: () => Promise.resolve(),
        metrics: createWorkerMetrics(),
        logger,
        jobRun: () => ({ ...running, stopped: () => new Error('stopped'), ...run }),
      });
      return advanceJob({ tenantId, jobId });
    },
    async finish(jobId) {
      for (;;) {
        const state = await imports.advance(jobId);
        if (state.kind === 'over') return state;
      }
    },
    async job(jobId) {
      const found = await findJob(db, { tenantId, jobId });
      if (!found) throw new Error(`There is no job ${jobId}.`);
      return found;
    },
    errors: async (jobId) => (await listJobErrors(db, jobId, { limit: 100_000, after: null })).items,
    async close() {
      await db.close();
      await fresh.drop();
    },
  };
  return imports;
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
