import type { PoolClient } from 'pg';
import type { AudienceCondition, ResolvedAudience } from '../domain/audience/condition';
import { excessOf, expandSegments, segmentsIn } from '../domain/audience/segments';
import type { Excess, Segments } from '../domain/audience/segments';
import type { Queries } from './database';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';
import { inTransaction, joining } from './transaction';

/** What a client says of a segment. */
export interface SegmentContent {
  readonly name: string;
  readonly condition: AudienceCondition;
  /** The query as it was written, people by rid; null where only the condition can be shown. */
  readonly query: Record<string, unknown> | null;
}

export interface SegmentRecord extends SegmentContent {
  readonly id: string;
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
}

/** Somebody who would have to do without a segment. */
export interface SegmentUser {
  readonly kind: 'schedule' | 'segment';
  readonly id: string;
  readonly name: string;
}

export type SegmentChange =
  | { readonly kind: 'changed'; readonly record: SegmentRecord }
  | { readonly kind: 'stale'; readonly version: number }
  | { readonly kind: 'unknown' }
  /** `user` could not be asked any more; null is the segment itself. Nothing was written. */
  | { readonly kind: 'excess'; readonly excess: Excess; readonly user: SegmentUser | null };

export type SegmentArchival =
  | { readonly kind: 'archived' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'in-use'; readonly users: readonly SegmentUser[] };

const COLUMNS = `id, name, version, query, condition, created_by as "createdBy", created_at as "createdAt",
         updated_at as "updatedAt", archived_at as "archivedAt"`;

/** The caller has seen to it that the condition can be asked: nobody can use a segment before it exists. */
export async function createSegment(
  db: Queries,
  tenantId: number,
  id: string,
  { name, condition, query }: SegmentContent,
  createdBy: string,
  at: Date,
): Promise<SegmentRecord> {
  await db.pool.query(
    `insert into segment (id, tenant_id, name, version, query, condition, segments, created_by, created_at, updated_at)
     values ($1, $2, $3, 1, $4, $5, $6, $7, $8, $8)`,
    [id, tenantId, name, json(query), json(condition), segmentsIn(condition), createdBy, at],
  );
  return {
    id,
    name,
    version: 1,
    condition,
    query,
    createdBy,
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
  };
}

/** Archived ones included. */
export async function findSegment(db: Queries, tenantId: number, id: string): Promise<SegmentRecord | null> {
  const { rows } = await db.pool.query<SegmentRecord>(
    `select ${COLUMNS} from segment where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return rows[0] ?? null;
}

/** Newest first, without those that were archived. Served by segment_tenant_id_id_idx. */
export async function listSegments(
  db: Queries,
  tenantId: number,
  { limit, after }: Slice,
): Promise<Stretch<SegmentRecord>> {
  const { rows } = await db.pool.query<SegmentRecord>(
    `select ${COLUMNS}
       from segment
      where tenant_id = $1 and archived_at is null and ($2::text is null or id < $2)
      order by id desc
      limit $3`,
    [tenantId, after, limit + 1],
  );
  return stretchOf(rows, limit, ({ id }) => id);
}

/** Those of some ids that can be asked for: segments of the tenant that are not archived. */
export async function usableSegments(
  db: Queries,
  tenantId: number,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await db.pool.query<{ id: string }>(
    'select id from segment where tenant_id = $1 and id = any($2::text[]) and archived_at is null',
    [tenantId, ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Some segments and all that they ask for in turn, archived ones included. */
export async function readSegments(db: Queries, tenantId: number, ids: readonly string[]): Promise<Segments> {
  if (ids.length === 0) return new Map();
  // Served by segment_pkey. The union drops what it has found already, so that it ends whatever is stored.
  const { rows } = await db.pool.query<{ id: string; condition: AudienceCondition }>(
    `with recursive wanted (id) as (
       select unnest($2::text[])
        union
       select unnest(s.segments) from wanted w join segment s on s.id = w.id and s.tenant_id = $1
     )
     select s.id, s.condition from wanted w join segment s on s.id = w.id and s.tenant_id = $1`,
    [tenantId, ids],
  );
  return new Map(rows.map(({ id, condition }) => [id, condition]));
}

/** A stored condition with its segments written out as they stand now. */
export async function resolveAudience(
  db: Queries,
  tenantId: number,
  condition: AudienceCondition,
): Promise<ResolvedAudience> {
  return expandSegments(condition, await readSegments(db, tenantId, segmentsIn(condition)));
}

/**
 * Writes the next version of a segment, made by `change` from what it holds now. `stale` when `accepts` refuses its
 * version. What `change` throws is passed on and nothing is written.
 */
export async function changeSegment(
  db: Queries,
  tenantId: number,
  id: string,
  accepts: (version: number) => boolean,
  change: (current: SegmentRecord, within: Queries) => Promise<SegmentContent>,
  at: Date,
): Promise<SegmentChange> {
  return inTransaction(db, async (client): Promise<SegmentChange> => {
    await lockSegments(client, tenantId);
    const within = joining(client);
    const current = await findSegment(within, tenantId, id);
    if (!current || current.archivedAt) return { kind: 'unknown' };
    if (!accepts(current.version)) return { kind: 'stale', version: current.version };
    const { name, condition, query } = await change(current, within);
    const refusal = await refusalOf(within, tenantId, id, condition);
    if (refusal) return { kind: 'excess', ...refusal };
    const version = current.version + 1;
    await client.query(
      `update segment
          set name = $2, version = $3, query = $4, condition = $5, segments = $6, updated_at = $7
        where id = $1`,
      [id, name, version, json(query), json(condition), segmentsIn(condition), at],
    );
    return { kind: 'changed', record: { ...current, name, version, condition, query, updatedAt: at } };
  });
}

/** Takes a segment out of lists and out of use; again is no change. Whoever is still under way with it finds it. */
export async function archiveSegment(
  db: Queries,
  tenantId: number,
  id: string,
  at: Date,
): Promise<SegmentArchival> {
  return inTransaction(db, async (client): Promise<SegmentArchival> => {
    await lockSegments(client, tenantId);
    const current = await findSegment(joining(client), tenantId, id);
    if (!current) return { kind: 'unknown' };
    if (current.archivedAt) return { kind: 'archived' };
    const users = await usersOf(client, tenantId, id);
    if (users.length > 0) return { kind: 'in-use', users };
    await client.query('update segment set archived_at = $2, updated_at = $2 where id = $1', [id, at]);
    return { kind: 'archived' };
  });
}

/** Changes to a tenant's segments follow each other: two at once could close a circle that neither sees. */
async function lockSegments(client: PoolClient, tenantId: number): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtext('segment'), $1)`, [tenantId]);
}

const ALIVE = `s.archived_at is null and s.status in ('draft', 'scheduled', 'running', 'paused')`;

/** Who asks for a segment now. Served by schedule_segments and segment_segments. */
async function usersOf(client: PoolClient, tenantId: number, id: string): Promise<SegmentUser[]> {
  const { rows } = await client.query<SegmentUser>(
    `select 'schedule' as kind, s.id, s.name
       from schedule s
      where s.tenant_id = $1 and s.segments @> array[$2] and s.segments <> '{}' and ${ALIVE}
      union all
     select 'segment', s.id, s.name
       from segment s
      where s.tenant_id = $1 and s.segments @> array[$2] and s.segments <> '{}' and s.archived_at is null
      order by 1, 2`,
    [tenantId, id],
  );
  return rows;
}

/** Whether a segment, or anybody who uses it, directly or not, could not be asked any more under a new condition. */
async function refusalOf(
  db: Queries,
  tenantId: number,
  id: string,
  condition: AudienceCondition,
): Promise<{ excess: Excess; user: SegmentUser | null } | null> {
  const { rows: users } = await db.pool.query<SegmentUser & { condition: AudienceCondition }>(
    `with recursive affected (id) as (
       select $2::text
        union
       select s.id
         from affected a
         join segment s on s.tenant_id = $1 and s.segments @> array[a.id] and s.segments <> '{}'
     )
     select 'segment' as kind, s.id, s.name, s.condition
       from affected a
       join segment s on s.id = a.id
      where s.id <> $2 and s.archived_at is null
      union all
     (select distinct on (v.config -> 'audience') 'schedule', s.id, s.name, v.config -> 'audience'
        from schedule s
        join schedule_version v on v.schedule_id = s.id and v.version = s.version
       where s.tenant_id = $1 and s.segments && array(select id from affected) and s.segments <> '{}' and ${ALIVE})`,
    [tenantId, id],
  );
  const asked = [condition, ...users.map((user) => user.condition)].flatMap(segmentsIn);
  const segments = new Map(await readSegments(db, tenantId, asked)).set(id, condition);
  const own = excessOf(condition, segments, id);
  if (own !== null) return { excess: own, user: null };
  for (const { condition: theirs, ...user } of users) {
    const excess = excessOf(theirs, segments, user.kind === 'segment' ? user.id : null);
    if (excess !== null) return { excess, user };
  }
  return null;
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
