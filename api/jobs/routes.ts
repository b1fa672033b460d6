import { findJob } from '../../store/jobs';
import type { JobRecord } from '../../store/jobs';
import { ApiError } from '../errors/problem';
import { idParameter } from '../http/id';
import { answer, defineRoute } from '../http/route';
import type { Route } from '../http/route';
import { jobExample, jobSchema } from './schema';
import type { Job } from './schema';

export function jobRoutes(): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/jobs/:id',
      tag: 'Jobs',
      summary: 'Read how far a job has come',
      access: 'notification:read',
      params: idParameter('job'),
      responses: { 200: { description: 'The job.', schema: jobSchema, example: jobExample } },
      errors: ['job.unknown'],
      async handle({ params: { id }, principal, db }) {
        const job = await findJob(db, principal.tenantId, id);
        if (!job) throw new ApiError('job.unknown');
        return answer(200, viewOf(job));
      },
    }),
  ];
}

function viewOf({ id, kind, status, done, total, failed, createdAt, finishedAt }: JobRecord): Job {
  return {
    id,
    kind,
    status: jobSchema.shape.status.parse(status),
    progress: { done, total, failed },
    errorsUrl: null,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
