import { createNoopChannel } from '../../channels/noop';
import { compiledTemplate } from '../../domain/content/compiled-template';
import { renderText } from '../../domain/content/render';
import { scopeOf } from '../../domain/content/scope';
import { readPeople } from '../../store/audience';
import type { Database } from '../../store/database';
import { TENANT_ID } from '../people';
import type { ObviousActivities } from './contract';

/** What became of whom, one row a person. */
export async function createObviousLedger({ pool }: Database): Promise<void> {
  await pool.query(
    `create table obvious_delivery (rid bigint primary key, claimed_at timestamptz not null, sent_at timestamptz)`,
  );
}

/** Of all reminders: how many are recorded. Nearly nothing to count, so no index. */
export async function countReminded({ pool }: Database): Promise<number> {
  const { rows } = await pool.query<{ sent: number }>(
    'select count(*)::int as sent from obvious_delivery where sent_at is not null',
  );
  return rows[0]?.sent ?? 0;
}

/** The same steps as those of a page, for one person: read, claim, render, send, record. */
export function createObviousActivities(db: Database, body: string): ObviousActivities {
  const channel = createNoopChannel();
  return {
    async remind({ rid }) {
      const [person] = await readPeople(db, TENANT_ID, [rid]);
      if (!person) return;
      const claimed = await db.pool.query(
        'insert into obvious_delivery (rid, claimed_at) values ($1, $2) on conflict do nothing',
        [rid, new Date()],
      );
      if (claimed.rowCount === 0) return;
      const text = renderText(compiledTemplate(body), scopeOf({}, person.attributes));
      await channel.send({ id: rid, address: '', body: text }, { tenantId: 1, priority: 3 });
      await db.pool.query('update obvious_delivery set sent_at = $2 where rid = $1', [rid, new Date()]);
    },
  };
}
