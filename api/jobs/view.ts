import type { JobRecord } from '../../store/jobs';
import { JOB_FAILURES } from './failures';
import type { Job } from './schema';

export function jobView(job: JobRecord): Job {
  const { id, kind, status, done, total, failed, failure, hasErrors, errorsLeftOut } = job;
  const { createdBy, createdAt, finishedAt } = job;
  return {
    id,
    kind,
    status,
    progress: { done, total, failed },
    errorsUrl: hasErrors ? `/v1/jobs/${id}/errors` : null,
    errorsLeftOut,
    failure: failure && { code: failure, message: JOB_FAILURES[failure].meaning },
    createdBy,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
