import type { Queries } from './database';

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

export async function findJob(db: Queries, tenantId: number, id: string): Promise<JobRecord | null> {
  const { rows } = await db.pool.query<JobRecord>(
    `select id, kind, status, done, total, failed, created_at as "createdAt", finished_at as "finishedAt"
       from job
      where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return rows[0] ?? null;
}
