import type { Database } from './database';

/** A long job; counts are of the things it works through. */
export interface JobRecord {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

export function findJob(db: Database, tenantId: number, id: string): Promise<JobRecord | null> {
  return db.prisma.job.findFirst({
    where: { id, tenantId },
    select: {
      id: true,
      kind: true,
      status: true,
      done: true,
      total: true,
      failed: true,
      createdAt: true,
      finishedAt: true,
    },
  });
}
