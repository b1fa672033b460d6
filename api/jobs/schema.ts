import { z } from 'zod';
import { instant } from '../../domain/validation/fields';
import { JOB_KINDS, JOB_STATUSES } from '../../store/jobs';

/** An import that is over; what answers with a job says how its own differs. */
export const jobExample = {
  id: 'job_01KA4ZJ3Q0V6R1D4T2M8X9YB7C',
  kind: 'import',
  status: 'completed',
  progress: { done: 999_970, total: 1_000_000, failed: 30 },
  errorsUrl: '/v1/jobs/job_01KA4ZJ3Q0V6R1D4T2M8X9YB7C/errors',
  errorsLeftOut: 0,
  failure: null,
  createdBy: 'key_01KA4ZJ3Q0V6R1D4T2M8X9YB7D',
  createdAt: '2026-12-01T09:00:00.000Z',
  finishedAt: '2026-12-01T09:00:41.000Z',
};

export const jobSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(JOB_KINDS),
    status: z.enum(JOB_STATUSES),
    progress: z
      .strictObject({ done: z.int(), total: z.int(), failed: z.int() })
      .meta({ description: '`done` of `total`, `failed` among them: of an import its rows.' }),
    errorsUrl: z.string().nullable().meta({
      description: 'Path of what was refused and why, a JSON object a line; null when nothing was.',
    }),
    errorsLeftOut: z.int().meta({
      description:
        'Errors that do not stand there: the first 100,000 of a job are kept. Every row that was refused counts as `failed`.',
    }),
    failure: z
      .strictObject({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'Why the job failed; null unless it did.' }),
    createdBy: z.string().nullable().meta({
      description:
        '`admin`, or the id of the API key that ordered it; null for a job that was made before this was noted.',
    }),
    createdAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({ id: 'Job', examples: [jobExample] });

export type Job = z.output<typeof jobSchema>;
