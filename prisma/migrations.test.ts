import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { emptyDatabase, freshDatabase } from '../test/database';

const run = promisify(execFile);
const dist = join(__dirname, '..', 'dist', 'prisma');

/** What Prisma's language cannot say, and the migrations therefore say alone. */
const onlyInMigrations = [
  'index counter_failed CREATE INDEX counter_failed ON public.counter USING btree (occurrence_id) WHERE (state = 11)',
  'index delivery_address CREATE UNIQUE INDEX delivery_address ON public.delivery USING btree (day, address_key) WHERE (address_key IS NOT NULL)',
  'index delivery_failed CREATE INDEX delivery_failed ON public.delivery USING btree (occurrence_id, step, rid) WHERE (state = 11)',
  "index delivery_message_rid CREATE INDEX delivery_message_rid ON public.delivery USING btree (rid) WHERE (step <> ''::text)",
  'index delivery_unknown CREATE INDEX delivery_unknown ON public.delivery USING btree (occurrence_id, step, rid) WHERE (state = 4)',
  'index idempotency_recipient CREATE INDEX idempotency_recipient ON public.idempotency USING btree (recipient) WHERE (recipient IS NOT NULL)',
  "index job_running CREATE INDEX job_running ON public.job USING btree (id) WHERE (status = 'running'::text)",
  'index occurrence_container CREATE UNIQUE INDEX occurrence_container ON public.occurrence USING btree (tenant_id, day, category) WHERE (schedule_id IS NULL)',
  "index occurrence_open CREATE INDEX occurrence_open ON public.occurrence USING btree (id) WHERE (state = 'open'::text)",
  "index occurrence_open_template CREATE INDEX occurrence_open_template ON public.occurrence USING btree (template_id) WHERE ((state = 'open'::text) AND (template_id IS NOT NULL))",
  "index occurrence_uncounted CREATE INDEX occurrence_uncounted ON public.occurrence USING btree (id) WHERE ((state <> 'open'::text) AND (counted_at IS NULL))",
  'index outbox_undone CREATE INDEX outbox_undone ON public.outbox USING btree (due_at NULLS FIRST, id) WHERE (done_at IS NULL)',
  'index pending_message_ordinary CREATE INDEX pending_message_ordinary ON public.pending_message USING btree (ready_at) WHERE (priority > 1)',
  'index pending_message_urgent CREATE INDEX pending_message_urgent ON public.pending_message USING btree (ready_at) WHERE (priority = 1)',
  "index schedule_alive CREATE INDEX schedule_alive ON public.schedule USING btree (COALESCE(next_run_at, '-infinity'::timestamp with time zone), id) WHERE (status = ANY (ARRAY['scheduled'::text, 'running'::text, 'paused'::text]))",
  "index schedule_next_run CREATE INDEX schedule_next_run ON public.schedule USING btree (next_run_at) WHERE (status = ANY (ARRAY['scheduled'::text, 'running'::text]))",
  "index schedule_segments CREATE INDEX schedule_segments ON public.schedule USING gin (segments) WHERE (segments <> '{}'::text[])",
  `index schedule_version_names CREATE INDEX schedule_version_names ON public.schedule_version USING btree (schedule_id) WHERE jsonb_path_exists((config -> 'audience'::text), '$.**?(exists (@."ids"[*]) || @."attribute" == "id")'::jsonpath)`,
  `index segment_names CREATE INDEX segment_names ON public.segment USING btree (id) WHERE jsonb_path_exists(condition, '$.**?(exists (@."ids"[*]) || @."attribute" == "id")'::jsonpath)`,
  "index segment_segments CREATE INDEX segment_segments ON public.segment USING gin (segments) WHERE (segments <> '{}'::text[])",
];

describe('the migrations', () => {
  it('leave the tables that schema.prisma describes', async () => {
    const migrated = await freshDatabase();
    const described = await emptyDatabase();
    const { stdout: sql } = await run(process.execPath, [join(dist, 'schema-sql.js')], {
      env: { ...process.env, DATABASE_URL: described.url },
    });
    await query(described.url, sql);

    const fromMigrations = await catalogue(migrated.url);
    const fromSchema = await catalogue(described.url);
    expect(fromMigrations.filter((line) => !fromSchema.includes(line))).toEqual(onlyInMigrations);
    expect(fromSchema.filter((line) => !fromMigrations.includes(line))).toEqual([]);
    expect(fromSchema.length).toBeGreaterThan(100);
    await Promise.all([migrated.drop(), described.drop()]);
  });

  it('are applied once, into the table that Prisma reads', async () => {
    const database = await emptyDatabase();
    const migrate = () =>
      run(process.execPath, [join(dist, 'migrate.js')], {
        env: { ...process.env, DATABASE_URL: database.url },
      });
    expect((await migrate()).stdout).toMatch(/^Applied: 20261120000000_first, 20261121000000_commands/);
    expect((await migrate()).stdout).toBe('The database is up to date.\n');
    const [row] = await query(
      database.url,
      'select migration_name, checksum from _prisma_migrations where finished_at is not null order by 1 limit 1',
    );
    // `prisma migrate deploy` takes a migration as applied, and unchanged since, by exactly this row.
    const file = await readFile(join(__dirname, 'migrations', '20261120000000_first', 'migration.sql'));
    expect(row).toEqual({
      migration_name: '20261120000000_first',
      checksum: createHash('sha256').update(file).digest('hex'),
    });
    await database.drop();
  });

  it('say in one line that the database is not named', async () => {
    const failure = run(process.execPath, [join(dist, 'migrate.js')], { env: {} });
    await expect(failure).rejects.toMatchObject({
      stderr: 'Migration failed: DATABASE_URL is not set: name the database to migrate.\n',
    });
  });
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(sql);
    return result.rows;
  } finally {
    await client.end();
  }
}

/** Every column, constraint and index of our tables, a line each; partitions are as their tables. */
async function catalogue(url: string): Promise<string[]> {
  const rows = await query(
    url,
    `select line from (
       select format('column %s.%s %s %s %s', table_name, column_name, udt_name, is_nullable, column_default) as line
         from information_schema.columns
        where table_schema = 'public'
       union all
       select format('index %s %s', indexname, replace(indexdef, ' ON ONLY ', ' ON ')) from pg_indexes
        where schemaname = 'public'
       union all
       select format('constraint %s %s', conname, pg_get_constraintdef(oid)) from pg_constraint
        where connamespace = 'public'::regnamespace and contype in ('p', 'f', 'u')
     ) as parts
     where line not like '%_prisma_migrations%'
       and line !~ '(audit_default|(idempotency|pending_message)_\\d+)[._ ]'
     order by line`,
  );
  return rows.map((row) => (row as { line: string }).line);
}
