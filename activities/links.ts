import type { OccurrenceRef } from './contract';
import type { ActivityDeps } from './deps';

/** Where Sundial shows a schedule; nothing when its public address is not configured. */
export function linkToSchedule(
  { publicUrl }: Pick<ActivityDeps, 'publicUrl'>,
  scheduleId: string,
): { link?: string } {
  return publicUrl === undefined ? {} : { link: `${baseOf(publicUrl)}/v1/schedules/${scheduleId}` };
}

/** Where Sundial shows what became of the people of an occurrence. */
export function linkToOccurrence(
  deps: Pick<ActivityDeps, 'publicUrl'>,
  { scheduleId, occurrenceId }: OccurrenceRef,
): { link?: string } {
  const { link } = linkToSchedule(deps, scheduleId);
  return link === undefined ? {} : { link: `${link}/deliveries?occurrence=${occurrenceId}` };
}

function baseOf(url: string): string {
  return url.replace(/\/+$/, '');
}
