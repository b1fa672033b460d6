import type { ResolvedAudience } from '../../domain/audience/condition';
import { cutIntoPages, readPage } from '../../store/audience';
import type { DuePeople, RidRange } from '../../store/audience';
import type { Database } from '../../store/database';
import { TENANT_ID } from '../people';

/** One page that was read: who stood first on it and how many did, and how long it took until they were here. */
export interface Page {
  readonly first: string;
  readonly people: number;
  readonly ms: number;
}

/** Pages of which a cut is asked: more than there are. */
const MOST = 1_000_000;

/** People read at once, by the size of a page: a page holds more when its audience grew since it was cut. */
const ROOM = 1.5;

export function dueOn(day: string, condition: ResolvedAudience): DuePeople {
  return {
    tenantId: TENANT_ID,
    condition,
    existedBy: { openedAt: Date.now(), zones: [], instants: [] },
    zonesNotDue: [],
    day,
    occurrenceId: '1',
    step: '',
  };
}

/** The key ranges of an audience's pages, and how long it took to find them, which a schedule does once an instant. */
export async function cutPages(
  db: Database,
  due: DuePeople,
  size: number,
): Promise<{ ranges: readonly RidRange[]; ms: number }> {
  const began = performance.now();
  const ranges = await cutIntoPages(db, due, null, size, MOST);
  return { ranges, ms: performance.now() - began };
}

/** One page as a schedule reads it: whoever of a key range is due and has no row. */
export async function keysetPage(db: Database, due: DuePeople, range: RidRange, size: number): Promise<Page> {
  const began = performance.now();
  const people = await readPage(db, due, range, ROOM * size);
  const ms = performance.now() - began;
  return { first: people[0]?.rid ?? '', people: people.length, ms };
}
