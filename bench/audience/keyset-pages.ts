import type { ResolvedAudience } from '../../domain/audience/condition';
import { readPage } from '../../store/audience';
import type { Database } from '../../store/database';
import { TENANT_ID } from '../people';

/** One page that was read: who stood first on it and how many did, and how long it took until they were here. */
export interface Page {
  readonly first: string;
  readonly people: number;
  readonly ms: number;
}

/** The largest row id that Postgres holds. */
const LAST = '9223372036854775807';

/** An audience as a page of a schedule reads it: each goes on behind the last row id, and skips whoever has a row. */
export async function* keysetPages(
  db: Database,
  condition: ResolvedAudience,
  day: string,
  size: number,
): AsyncGenerator<Page> {
  const due = {
    tenantId: TENANT_ID,
    condition,
    existedBy: { openedAt: Date.now(), zones: [], instants: [] },
    zonesNotDue: [],
    day,
    occurrenceId: '1',
    step: '',
  };
  for (let after = '0'; ;) {
    const began = performance.now();
    const people = await readPage(db, due, { after, upTo: LAST }, size);
    const ms = performance.now() - began;
    const [first, last] = [people[0], people.at(-1)];
    if (first === undefined || last === undefined) return;
    yield { first: first.rid, people: people.length, ms };
    if (people.length < size) return;
    after = last.rid;
  }
}
