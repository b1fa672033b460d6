import type { ResolvedAudience } from '../domain/audience/condition';
import { STATE_CODES } from '../domain/delivery/state';
import type { Instant } from '../domain/time/instant';
import { audiencePredicate, walkedPredicate } from './audience-sql';
import type { Database, Queries } from './database';
import type { LedgerKey } from './ledger-key';
import { SqlParameters } from './sql-parameters';

/** How many people of an audience live by a zone's clocks. */
export interface ZoneCount {
  readonly zone: string;
  readonly people: number;
}

/** People with `after` < rid <= `upTo`. Row ids are decimal strings. */
export interface RidRange {
  readonly after: string;
  readonly upTo: string;
}

/** A person as a page needs them; addresses still sealed. */
export interface PersonRow {
  readonly rid: string;
  /** The customer's own id; null once the person was erased. */
  readonly externalId: string | null;
  /** The zone that counts. */
  readonly zone: string;
  readonly zoneSource: number;
  readonly locale: string | null;
  readonly attributes: Record<string, unknown>;
  readonly email: Buffer | null;
  readonly phone: Buffer | null;
  /** The person's own key, wrapped; null once it was destroyed. */
  readonly wrapped: Buffer | null;
}

/**
 * By when people have to have existed to belong to an occurrence: by its opening, or otherwise by the instant of
 * their own zone (semantics.md "Late": the sweep finds who was created before their instant).
 */
export interface ExistedBy {
  readonly openedAt: Instant;
  /** The instant of each zone, in the order of `zones`. */
  readonly zones: readonly string[];
  readonly instants: readonly Instant[];
}

/** What a page may hold: the zones whose people are not due yet stay out. */
export interface DuePeople extends LedgerKey {
  readonly tenantId: number;
  readonly condition: ResolvedAudience;
  readonly existedBy: ExistedBy;
  readonly zonesNotDue: readonly string[];
}

const ZONE = 'coalesce(r.zone, t.default_time_zone)';

/** The people of an audience by zone, most first; erased ones are nobody's audience. */
export async function countByZone(
  db: Queries,
  tenantId: number,
  condition: ResolvedAudience,
): Promise<{ total: number; byZone: ZoneCount[] }> {
  const parameters = new SqlParameters();
  const { rows } = await db.pool.query<ZoneCount>(
    `select ${ZONE} as zone, count(*)::int as people
       from ${audienceClause(tenantId, condition, parameters)}
      group by 1
      order by 2 desc, 1`,
    parameters.values,
  );
  return { total: rows.reduce((sum, { people }) => sum + people, 0), byZone: rows };
}

/**
 * The people of an occurrence who have no outcome yet, by zone. Those in flight count by the zone that they were
 * claimed with, in the audience or not: a claim whose owner died has to be settled by somebody.
 */
export async function unsettledByZone(
  db: Database,
  tenantId: number,
  key: LedgerKey,
  condition: ResolvedAudience,
  existedBy: ExistedBy,
): Promise<ZoneCount[]> {
  const parameters = new SqlParameters();
  const { rows } = await db.pool.query<ZoneCount>(
    `select zone, count(*)::int as people
       from (select ${ZONE} as zone
               from ${audienceClause(tenantId, condition, parameters)}
                and ${existed(existedBy, parameters)}
                and ${withoutRow(key, parameters)}
              union all
             select d.zone from ${claims(key, parameters)}) unsettled
      group by 1
      order by 2 desc, 1`,
    parameters.values,
  );
  return rows;
}

/**
 * Cuts the unsettled people who are due into key ranges of `size`, ascending, at most `most` of them. A range may hold
 * others as well: reading a page judges each person again. `claimedBy` bounds claims by their own due instant; null
 * takes all.
 */
export async function cutIntoPages(
  db: Database,
  due: DuePeople,
  claimedBy: Instant | null,
  size: number,
  most: number,
): Promise<(RidRange & { people: number })[]> {
  const parameters = new SqlParameters();
  // The key ranges are read in the order of recipient_tenant_id_rid_idx.
  const { rows } = await db.pool.query<{ first: string; upTo: string; people: number }>(
    `with unsettled as (
       select r.rid
         from ${audienceClause(due.tenantId, due.condition, parameters)}
          and ${isDue(due.zonesNotDue, parameters)}
          and ${existed(due.existedBy, parameters)}
          and ${withoutRow(due, parameters)}
        union all
       select d.rid
         from ${claims(due, parameters)}
          and d.due <= coalesce(${parameters.add(instantParameter(claimedBy), 'timestamptz')}, 'infinity')
     ), numbered as (
       select rid, (row_number() over (order by rid) - 1) / ${parameters.add(size, 'int')} as page
         from unsettled
     )
     select min(rid) as first, max(rid) as "upTo", count(*)::int as people
       from numbered
      group by page
      order by page
      limit ${parameters.add(most, 'int')}`,
    parameters.values,
  );
  return rows.map(({ first, upTo, people }) => ({ after: String(BigInt(first) - 1n), upTo, people }));
}

/** People of a key range who are due and have no ledger row, by rid, at most `limit`. */
export async function readPage(
  db: Database,
  due: DuePeople,
  range: RidRange,
  limit: number,
): Promise<PersonRow[]> {
  const parameters = new SqlParameters();
  const way = wayThrough(range, limit);
  const after = parameters.add(range.after, 'bigint');
  const upTo = parameters.add(range.upTo, 'bigint');
  const { rows } = await db.pool.query<PersonRow>(
    `select ${PERSON}
       from recipient r
       join tenant t on t.id = r.tenant_id
       left join recipient_key k on k.rid = r.rid and k.rid > ${after} and k.rid <= ${upTo}
      where ${among(due.tenantId, parameters)}
        and r.rid > ${after}
        and r.rid <= ${upTo}
        and ${way === 'walk' ? walkedPredicate(due.condition, parameters) : audiencePredicate(due.condition, parameters)}
        and ${isDue(due.zonesNotDue, parameters)}
        and ${existed(due.existedBy, parameters)}
        and ${way === 'walk' ? withoutRowBetween(due, after, upTo, parameters) : withoutRow(due, parameters)}
      order by r.rid
      limit ${parameters.add(limit, 'int')}`,
    parameters.values,
  );
  return rows;
}

/** Row ids to a person wanted up to which it is quicker to look at everybody than to ask the index of attributes. */
const WALKED_PER_PERSON = 10n;

/**
 * A page's people stand close together unless few belong: then they are walked through in the order of the key. Left
 * to itself Postgres, which cannot know how many have an attribute, takes the index of attributes for a third of all
 * people as well, and reads its entries for the whole table once a page.
 */
function wayThrough({ after, upTo }: RidRange, limit: number): 'walk' | 'look-up' {
  return BigInt(upTo) - BigInt(after) <= WALKED_PER_PERSON * BigInt(limit) ? 'walk' : 'look-up';
}

/** The same people again, whatever became of them meanwhile; who was erased is missing. */
export async function readPeople(
  db: Database,
  tenantId: number,
  rids: readonly string[],
): Promise<PersonRow[]> {
  const { rows } = await db.pool.query<PersonRow>(
    `select ${PERSON}
       from recipient r
       join tenant t on t.id = r.tenant_id
       left join recipient_key k on k.rid = r.rid
      where r.tenant_id = $1 and r.rid = any($2::bigint[]) and r.erased_at is null
      order by r.rid`,
    [tenantId, rids],
  );
  return rows;
}

const PERSON = `r.rid, r.external_id as "externalId", ${ZONE} as zone, r.zone_source as "zoneSource", r.locale, r.attributes, r.email, r.phone,
            k.wrapped`;

/** The people of an audience as `recipient r` with their `tenant t`; erased ones are nobody's. */
export function audienceClause(
  tenantId: number,
  condition: ResolvedAudience,
  parameters: SqlParameters,
): string {
  return `recipient r
       join tenant t on t.id = r.tenant_id
      where ${among(tenantId, parameters)}
        and ${audiencePredicate(condition, parameters)}`;
}

function among(tenantId: number, parameters: SqlParameters): string {
  return `r.tenant_id = ${parameters.add(tenantId, 'int')}
        and r.erased_at is null
        and r.external_id is not null`;
}

function isDue(zonesNotDue: readonly string[], parameters: SqlParameters): string {
  return zonesNotDue.length === 0 ? 'true' : `${ZONE} <> all(${parameters.add(zonesNotDue, 'text[]')})`;
}

/** Only who came after the opening is looked up by zone: that is nearly nobody. */
function existed({ openedAt, zones, instants }: ExistedBy, parameters: SqlParameters): string {
  const names = parameters.add(zones, 'text[]');
  const times = parameters.add(instants.map(instantParameter), 'timestamptz[]');
  return `(r.created_at <= ${parameters.add(instantParameter(openedAt), 'timestamptz')}
             or r.created_at <= (select z.at from unnest(${names}, ${times}) as z (zone, at) where z.zone = ${ZONE}))`;
}

/**
 * Served by the primary key of one partition, one probe a person up to the last who has a row: none at all before the
 * first page. `offset 0` keeps the planner from making a join of it: a fresh partition has no statistics, and the join
 * that was chosen for an empty one took seconds a page.
 */
function withoutRow(key: LedgerKey, parameters: SqlParameters): string {
  const ofOccurrence = `d.day = ${parameters.add(key.day, 'date')}
                         and d.occurrence_id = ${parameters.add(key.occurrenceId, 'bigint')}
                         and d.step = ${parameters.add(key.step, 'text')}`;
  return `(r.rid > (select coalesce(max(d.rid), 0) from delivery d where ${ofOccurrence})
             or not exists (select 1 from delivery d
                       where ${ofOccurrence}
                         and d.rid = r.rid
                      offset 0))`;
}

/**
 * The same where few people stand in a row: their ledger rows are read at once, by the primary key, and each person
 * is looked for among them. Never a join, as above.
 */
function withoutRowBetween(key: LedgerKey, after: string, upTo: string, parameters: SqlParameters): string {
  return `r.rid not in (select d.rid from delivery d
                         where d.day = ${parameters.add(key.day, 'date')}
                           and d.occurrence_id = ${parameters.add(key.occurrenceId, 'bigint')}
                           and d.step = ${parameters.add(key.step, 'text')}
                           and d.rid > ${after}
                           and d.rid <= ${upTo}
                        offset 0)`;
}

function claims(key: LedgerKey, parameters: SqlParameters): string {
  return `delivery d
              where d.day = ${parameters.add(key.day, 'date')}
                and d.occurrence_id = ${parameters.add(key.occurrenceId, 'bigint')}
                and d.step = ${parameters.add(key.step, 'text')}
                and d.state = ${STATE_CODES.claimed}`;
}

function instantParameter(at: Instant | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
