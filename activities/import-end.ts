import { dropBlocks, noteSupersededLines } from '../store/job-blocks';
import { endJob, takeStep } from '../store/jobs';
import type { JobRecord } from '../store/jobs';
import { inOrderlyTransaction, joining } from '../store/transaction';
import type { JobRef } from './contract';
import type { ActivityDeps } from './deps';
import type { ImportPace } from './import-pace';
import type { JobRun } from './job-run';

type EndDeps = Pick<ActivityDeps, 'db' | 'clock'>;

/**
 * Ends an import whose blocks are all written: tells which lines were superseded, in steps that follow on those of the
 * blocks, and drops what is left of the file. Each step looks at some of the people, so that none grows with the file.
 */
export async function endImport(
  deps: EndDeps,
  run: JobRun,
  ref: JobRef,
  { step, steps, total }: Pick<JobRecord, 'step' | 'steps' | 'total'>,
  { until, pace }: { until: number; pace: ImportPace },
): Promise<void> {
  const parts = Math.max(1, Math.ceil(total / pace.rowsAnEndStep));
  const first = Math.max(0, step - steps);
  for (let part = first; part < parts; part += 1) {
    if (run.stop.aborted) throw run.stopped();
    if (part > first && deps.clock() >= until) return;
    if (!(await endPart(deps, ref, { part, parts, steps }))) return;
  }
}

/** False when another attempt has done the part, or the job is over. */
async function endPart(
  { db, clock }: EndDeps,
  ref: JobRef,
  { part, parts, steps }: { part: number; parts: number; steps: number },
): Promise<boolean> {
  const last = part === parts - 1;
  return inOrderlyTransaction(db, async (client) => {
    const mine = joining(client);
    const at = new Date(clock());
    const taken = last
      ? await endJob(mine, ref, { status: 'completed' }, at)
      : await takeStep(client, ref, { step: steps + part, done: 0, failed: 0 }, at);
    if (!taken) return false;
    await noteSupersededLines(client, ref.jobId, { part, parts });
    if (last) await dropBlocks(mine, ref.jobId);
    return true;
  });
}
