import type { Instant } from '../domain/time/instant';
import { readPage } from '../store/audience';
import type { PersonRow, RidRange } from '../store/audience';
import type { Database } from '../store/database';
import type { Candidate } from './gate';
import type { OpenOccurrence } from './occurrence';

/** People read at once: more than a page holds, unless its audience grew since it was cut. */
const READ_SIZE = 1_500;

export interface Stretch {
  readonly candidates: Candidate[];
  /** Everybody up to here was read. */
  readonly upTo: string;
  readonly last: boolean;
}

/** The people of a key range who have no ledger row and are due at `at` or earlier (`null`: all), in the order of rid. */
export async function* resolve(
  db: Database,
  tenantId: number,
  { record, timetable, audience, existedBy }: OpenOccurrence,
  at: Instant | null,
  range: RidRange,
): AsyncGenerator<Stretch> {
  const zonesNotDue = at === null ? [] : timetable.zonesAfter(at);
  const due = { ...record, tenantId, condition: audience, existedBy, zonesNotDue };
  let after = range.after;
  for (;;) {
    const people = await readPage(db, due, { after, upTo: range.upTo }, READ_SIZE);
    const last = people.length < READ_SIZE;
    after = last ? range.upTo : (people.at(-1)?.rid ?? range.upTo);
    yield { candidates: candidatesOf(people, timetable, at), upTo: after, last };
    if (last) return;
  }
}

function candidatesOf(
  people: readonly PersonRow[],
  timetable: OpenOccurrence['timetable'],
  at: Instant | null,
): Candidate[] {
  return (
    people
      .map((person) => ({ person, due: timetable.dueIn(person.zone) }))
      // Only zones that the data do not know reach the filter: they follow the tenant's, which may not be due.
      .filter(({ due }) => at === null || due.at <= at)
  );
}
