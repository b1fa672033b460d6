import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Queries } from '../../store/database';
import { listJobErrors } from '../../store/job-errors';
import { cancelJob, findJob } from '../../store/jobs';
import type { JobRecord, JobRef } from '../../store/jobs';
import type { RouteDeps } from '../deps';
import { ApiError } from '../errors/problem';
import { idParameter } from '../http/id';
import { answer, defineRoute } from '../http/route';
import type { Route } from '../http/route';
import { jobSchema } from './schema';
import { jobView } from './view';

const ERRORS_A_READ = 1_000;

export function jobRoutes({ clock }: RouteDeps): Route[] {
  const params = idParameter('job');
  const tag = 'Jobs';
  return [
    defineRoute({
      method: 'get',
      path: '/v1/jobs/:id',
      tag,
      summary: 'Read how far a job has come',
      access: 'notification:read',
      params,
      responses: { 200: { description: 'The job.', schema: jobSchema } },
      errors: ['job.unknown'],
      async handle({ params: { id }, principal, db }) {
        return answer(200, jobView(await knownJob(db, { tenantId: principal.tenantId, jobId: id })));
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/jobs/:id/errors',
      tag,
      summary: 'Read what a job refused',
      description:
        'A JSON object a line, in the order of the file: `line` (of the file, from 1), `column` (null for the row as a ' +
        'whole), `code` and `reason`. Values are not repeated. Can be read while the job runs. The first 100,000 are kept; ' +
        '`errorsLeftOut` of the job counts the others.',
      access: 'notification:read',
      params,
      responses: {
        200: {
          description: 'What was refused.',
          mediaType: 'application/x-ndjson',
          streamed: true,
          schema: z.string(),
          example:
            '{"line":7,"column":"email","code":"email.invalid","reason":"must be one email address such as ada@example.com"}\n',
        },
      },
      errors: ['job.unknown'],
      async handle({ params: { id }, principal, db }) {
        const job = await knownJob(db, { tenantId: principal.tenantId, jobId: id });
        return answer(200, Readable.from(errorLines(db, job.id)));
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/jobs/:id',
      tag,
      summary: 'Cancel a job',
      description: 'What it has done stays done; what is left of its file is dropped.',
      access: 'notification:write',
      params,
      responses: { 200: { description: 'The job, cancelled.', schema: jobSchema } },
      errors: ['job.unknown', 'job.state.conflict'],
      async handle({ params: { id }, principal, db }) {
        const ref = { tenantId: principal.tenantId, jobId: id };
        const cancelled = await cancelJob(db, ref, new Date(clock()));
        const job = await knownJob(db, ref);
        if (!cancelled) {
          throw new ApiError(
            'job.state.conflict',
            `The job is ${job.status} and cannot be cancelled any more.`,
          );
        }
        return answer(200, jobView(job));
      },
    }),
  ];
}

async function knownJob(db: Queries, ref: JobRef): Promise<JobRecord> {
  const job = await findJob(db, ref);
  if (!job) throw new ApiError('job.unknown');
  return job;
}

async function* errorLines(db: Queries, jobId: string): AsyncGenerator<string> {
  for (let after: string | null = null, first = true; first || after !== null; first = false) {
    const { items, next } = await listJobErrors(db, jobId, { limit: ERRORS_A_READ, after });
    if (items.length > 0) yield items.map((error) => `${JSON.stringify(error)}\n`).join('');
    after = next;
  }
}
