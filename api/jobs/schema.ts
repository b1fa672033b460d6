import { z } from 'zod';
import { instant } from '../../domain/validation/fields';

export const jobSchema = z
  .strictObject({
    id: z.string(),
    kind: z.string().meta({ examples: ['erasure'] }),
    status: z.enum(['running', 'completed', 'failed']),
    progress: z.strictObject({ done: z.int(), total: z.int(), failed: z.int() }),
    errorsUrl: z
      .string()
      .nullable()
      .meta({ description: 'Where to read what failed; null when nothing did.' }),
    createdAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({ id: 'Job' });

export type Job = z.output<typeof jobSchema>;

export const jobExample: Job = {
  id: 'job_01KA4ZJ3Q0V6R1D4T2M8X9YB7C',
  kind: 'erasure',
  status: 'completed',
  progress: { done: 1, total: 1, failed: 0 },
  errorsUrl: null,
  createdAt: '2026-12-01T09:00:00.000Z',
  finishedAt: '2026-12-01T09:00:00.000Z',
};
