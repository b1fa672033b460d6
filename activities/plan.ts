import { DEFAULT_PRIORITY } from '../domain/delivery/priority';
import type { Instant } from '../domain/time/instant';
import { cutIntoPages, unsettledByZone } from '../store/audience';
import { armingLead } from './arming';
import type { OccurrencePlan, OccurrenceRef, PageRange, Wave } from './contract';
import type { ActivityDeps } from './deps';
import type { Timetable } from './due';
import { linkToOccurrence } from './links';
import { loadOccurrence } from './occurrence';
import type { OpenOccurrence } from './occurrence';

/** People a page: large enough that Temporal's cost vanishes, small enough to repeat after a crash. */
const PAGE_SIZE = 1_000;

/** Pages a cut, which is one payload of a history: 350 KB where 2 MB are the limit. The next plan finds the others. */
const MOST_PAGES = 5_000;

type PlanDeps = Pick<ActivityDeps, 'db' | 'zones' | 'logger' | 'clock'>;

/** Groups the people who have no outcome yet by their instant. */
export async function planOccurrence(
  deps: PlanDeps & Pick<ActivityDeps, 'publicUrl'>,
  ref: OccurrenceRef,
): Promise<OccurrencePlan> {
  const occurrence = await loadOccurrence(deps, ref);
  const priority = occurrence.record.config.priority ?? DEFAULT_PRIORITY;
  return { ...(await planOf(deps, ref, occurrence)), priority, ...linkToOccurrence(deps, ref) };
}

async function planOf(
  deps: PlanDeps,
  ref: OccurrenceRef,
  { record, timetable, audience, existedBy }: OpenOccurrence,
): Promise<OccurrencePlan> {
  const { version } = record;
  if (record.state !== 'open') return { kind: 'deliver', version, waves: [] };

  // Before the people are counted: a pause is obeyed at once, and whoever resumes counts afresh.
  if (record.scheduleStatus === 'paused' || record.scheduleStatus === 'draft')
    return { kind: 'hold', version };

  const unsettled = await unsettledByZone(deps.db, ref.tenantId, record, audience, existedBy);
  if (record.scheduleStatus === 'cancelled') {
    return { kind: 'cancel', version, people: unsettled.reduce((sum, { people }) => sum + people, 0) };
  }

  // Zones come by people, most first: the first of an instant lends the wave its name.
  const waves = new Map<Instant, Wave>();
  for (const { zone, people } of unsettled) {
    const { at } = timetable.dueIn(zone);
    const wave = waves.get(at);
    if (wave) {
      wave.people += people;
      wave.zones += 1;
    } else {
      waves.set(at, { at, armAt: at - armingLead(ref.occurrenceId), people, zones: 1, zone });
    }
  }
  const ordered = [...waves.values()].toSorted((a, b) => a.at - b.at);
  const look = nextLook(timetable, deps.clock());
  if (look && (ordered[0] === undefined || look.at < ordered[0].at)) ordered.unshift(look);
  return { kind: 'deliver', version, waves: ordered };
}

/**
 * The next instant of any zone, with nobody in it: people who come to live there before it still belong, so that
 * an occurrence looks again at each and ends after the last.
 */
function nextLook(timetable: Timetable, now: Instant): Wave | undefined {
  const coming = timetable.all().filter(({ at }) => at > now);
  const at = Math.min(...coming.map((zone) => zone.at));
  const [first, ...others] = coming.filter((zone) => zone.at === at);
  return first && { at, armAt: at, people: 0, zones: 1 + others.length, zone: first.zone };
}

/** Cuts those who are due at `at` or earlier into pages; `null` cuts everybody. */
export async function cutPages(
  deps: PlanDeps,
  { at, ...ref }: OccurrenceRef & { at: Instant | null },
): Promise<PageRange[]> {
  const { record, timetable, audience, existedBy } = await loadOccurrence(deps, ref);
  const zonesNotDue = at === null ? [] : timetable.zonesAfter(at);
  const due = {
    ...record,
    tenantId: ref.tenantId,
    condition: audience,
    existedBy,
    zonesNotDue,
  };
  return cutIntoPages(deps.db, due, at, PAGE_SIZE, MOST_PAGES);
}
