import { setImmediate as nextTurn } from 'node:timers/promises';
import { createJudge } from '../domain/import/imported-recipient';
import type { JudgedRecipient } from '../domain/import/imported-recipient';
import type { ImportSpec } from '../domain/import/spec';
import type { Zones } from '../domain/time/zones';
import { UnknownKeyError } from '../platform/crypto';
import { canonicalLocale } from '../platform/locale';
import { blockContext, readBlock, spendBlock } from '../store/job-blocks';
import type { StagedBlock } from '../store/job-blocks';
import { writeJobErrors } from '../store/job-errors';
import { takeStep } from '../store/jobs';
import type { JobRecord } from '../store/jobs';
import { sealBatch, writeBatch } from '../store/recipient-batch';
import type { SealedBatch } from '../store/recipient-batch';
import { inOrderlyTransaction } from '../store/transaction';
import type { JobRef } from './contract';
import type { ActivityDeps } from './deps';
import { judgeBlock } from './import-block';
import type { JudgedBlock } from './import-block';
import { endImport } from './import-end';
import { IMPORT_PACE } from './import-pace';
import type { ImportPace } from './import-pace';
import { JobFailed } from './job-failed';
import type { JobRun } from './job-run';

type ImportDeps = Pick<ActivityDeps, 'db' | 'keyRing' | 'zones' | 'clock'>;

/** A block that only has to be written. */
interface ReadyBlock {
  readonly step: number;
  readonly judged: JudgedBlock;
  readonly batch: SealedBatch;
}

/**
 * Imports blocks of the file, one transaction each, in their order, so that of two rows with the same id the last one
 * counts. While one is being written the next is judged and sealed. Ends the job after the last.
 */
export async function advanceImport(
  deps: ImportDeps,
  run: JobRun,
  ref: JobRef,
  job: JobRecord,
  pace: ImportPace = IMPORT_PACE,
): Promise<void> {
  const { clock } = deps;
  const until = clock() + pace.stretchMs;
  const spec = specOf(job.spec);
  const judge = createJudge({ zones: withFewSuggestions(deps.zones), canonicalLocale });
  const prepare = (step: number): Promise<ReadyBlock | null> => {
    const ready = prepareBlock(deps, ref, spec, judge, step);
    // Awaited only once the block before is written: until then a failure must not look unheard.
    ready.catch(() => undefined);
    return ready;
  };

  let { done, failed } = job;
  let next = job.step < job.steps ? prepare(job.step) : null;
  for (let step = job.step; step < job.steps; step += 1) {
    refuseWrongFile(done, failed);
    if (run.stop.aborted) throw run.stopped();
    const ready = await next;
    if (!ready) return;
    next = step + 1 < job.steps && clock() < until ? prepare(step + 1) : null;
    if (!(await writeBlock(deps, ref, ready))) return;
    done += ready.judged.rows;
    failed += ready.judged.failed;
    run.heartbeat({ done, total: job.total, failed });
    if (next === null && step + 1 < job.steps) return;
  }
  refuseWrongFile(done, failed);
  await endImport(deps, run, ref, job, { until, pace });
}

/** A file of which so many rows are refused, and more than half of them, is surely another one than was meant. */
const MOST_REFUSED = 100_000;

function refuseWrongFile(done: number, failed: number): void {
  if (failed > MOST_REFUSED && failed > done / 2) throw new JobFailed('job.too-many-errors');
}

/** Null when another attempt has done the step. */
async function prepareBlock(
  { db, keyRing }: ImportDeps,
  ref: JobRef,
  spec: ImportSpec,
  judge: (document: unknown) => JudgedRecipient,
  step: number,
): Promise<ReadyBlock | null> {
  const block = await readBlock(db, ref.jobId, step);
  switch (block.kind) {
    case 'spent':
      return null;
    case 'missing':
      throw new JobFailed('job.input-lost');
    case 'staged': {
      const bytes = openBlock(keyRing, ref.jobId, block.block);
      const judged = await judgeBlock(bytes, block.block.firstLine, spec, judge, nextTurn);
      const batch = await sealBatch(db, keyRing, ref.tenantId, judged.people, nextTurn);
      return { step, judged, batch };
    }
  }
}

function openBlock(keyRing: ActivityDeps['keyRing'], jobId: string, { seq, sealed }: StagedBlock): Buffer {
  try {
    return Buffer.from(keyRing.openByRing(sealed, blockContext(jobId, seq)));
  } catch (error) {
    // A key that is missing can be put back; bytes that were changed cannot.
    if (error instanceof UnknownKeyError) throw error;
    throw new JobFailed('job.input-lost');
  }
}

/** False when another attempt has done the step, or the job is over. */
async function writeBlock(
  { db, keyRing, clock }: ImportDeps,
  ref: JobRef,
  { step, judged, batch }: ReadyBlock,
): Promise<boolean> {
  const at = new Date(clock());
  const progress = { step, done: judged.rows, failed: judged.failed };
  return inOrderlyTransaction(db, async (client) => {
    if (!(await takeStep(client, ref, progress, at))) return false;
    const rids = await writeBatch(client, keyRing, ref.tenantId, batch, at);
    await writeJobErrors(client, ref.jobId, judged.errors);
    const written = judged.people.map(({ id, line }) => ({ rid: rids.get(id) ?? '0', line }));
    await spendBlock(client, ref.jobId, step, written);
    return true;
  });
}

/** Only the API writes it, and the job's kind says which one it is. */
function specOf(spec: unknown): ImportSpec {
  return spec as ImportSpec;
}

/** Wrong names come in thousands and mostly alike, and a suggestion compares each with every name there is. */
const MOST_SUGGESTIONS = 200;

function withFewSuggestions(zones: Zones): Zones {
  const known = new Map<string, readonly string[]>();
  return {
    ...zones,
    suggest(name) {
      const found = known.get(name);
      if (found) return found;
      if (known.size >= MOST_SUGGESTIONS) return [];
      const suggested = zones.suggest(name);
      known.set(name, suggested);
      return suggested;
    },
  };
}
