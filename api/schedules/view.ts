import type { z } from 'zod';
import { DEFAULT_CAP_RULE } from '../../domain/caps/rule';
import type { CapRule } from '../../domain/caps/rule';
import { DEFAULT_PRIORITY } from '../../domain/delivery/priority';
import type { OnceTiming } from '../../domain/schedule/config';
import type { ScheduleRecord } from '../../store/schedules';
import { scheduleWorkflowId } from '../../workflows/contract';
import { audienceQueryShown, namesIn } from '../audience/show';
import type { Names } from '../audience/show';
import { viewOfContent } from '../content/inline';
import type { Caller } from '../http/route';
import { linksTo } from './links';
import type { scheduleView, writtenScheduleView } from './schema';
import type { Warning } from './warnings';

export type ScheduleView = z.input<typeof scheduleView>;

/** Schedules as they are answered. @param temporalUiUrl base of Temporal's Web UI, when it is known. */
export async function viewsOf(
  call: Pick<Caller, 'db' | 'principal'>,
  records: readonly ScheduleRecord[],
  temporalUiUrl: string | undefined,
): Promise<ScheduleView[]> {
  const names = await namesIn(
    call,
    records.map(({ config }) => config.audience),
  );
  return records.map((record) => viewWith(names, record, temporalUiUrl));
}

/** One schedule as it is answered. */
export async function viewOf(
  { db, principal }: Pick<Caller, 'db' | 'principal'>,
  record: ScheduleRecord,
  temporalUiUrl: string | undefined,
): Promise<ScheduleView> {
  return viewWith(await namesIn({ db, principal }, [record.config.audience]), record, temporalUiUrl);
}

/** A schedule as the write is answered that made it so. */
export async function writtenViewOf(
  call: Pick<Caller, 'db' | 'principal'>,
  record: ScheduleRecord,
  temporalUiUrl: string | undefined,
  warnings: Warning[],
): Promise<z.input<typeof writtenScheduleView>> {
  const view = await viewOf(call, record, temporalUiUrl);
  return warnings.length > 0 ? { ...view, warnings } : view;
}

function viewWith(names: Names, record: ScheduleRecord, temporalUiUrl: string | undefined): ScheduleView {
  const { config } = record;
  return {
    id: record.id,
    name: config.name,
    channel: config.channel,
    fallbackChannels: config.fallbackChannels ?? [],
    templateId: config.templateId,
    content: config.content && viewOfContent(config.content, config.channel),
    data: config.data,
    category: config.category,
    priority: config.priority ?? DEFAULT_PRIORITY,
    tags: config.tags,
    audienceQuery: audienceQueryShown(config.audienceQuery, config.audience, names),
    scheduleType: 'once',
    ...timingView(config.timing),
    cronExpression: null,
    rrule: null,
    startsAt: null,
    endsAt: null,
    maxOccurrences: null,
    excludeDates: [],
    holidays: null,
    businessHours: null,
    monthEnd: 'skip',
    concurrency: 'allow',
    late: { ...config.late },
    catchUp: { windowSeconds: 3_600, max: 1 },
    expiresAfter: config.expiresAfter,
    onUnknown: config.onUnknown ?? 'resend',
    quietHours: null,
    ...capsView(config.caps ?? DEFAULT_CAP_RULE),
    drip: null,
    steps: [],
    trigger: null,
    draft: config.draft,
    status: record.status,
    version: record.version,
    appliedVersion: record.appliedVersion,
    nextRunAt: record.nextRunAt?.toISOString() ?? null,
    createdBy: record.createdBy,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    archivedAt: record.archivedAt?.toISOString() ?? null,
    links: linksTo(temporalUiUrl, scheduleWorkflowId(record.id)),
  };
}

function capsView({
  perDay,
  perWeek,
  window,
  onUnavailable,
}: CapRule): Pick<
  ScheduleView,
  'maxPerUserPerDay' | 'maxPerUserPerWeek' | 'capWindow' | 'onCap' | 'onThrottleUnavailable'
> {
  return {
    maxPerUserPerDay: perDay,
    maxPerUserPerWeek: perWeek,
    capWindow: window,
    onCap: 'drop',
    onThrottleUnavailable: onUnavailable,
  };
}

function timingView(
  timing: OnceTiming,
): Pick<ScheduleView, 'runAt' | 'delay' | 'timeZoneMode' | 'timeZone' | 'gap' | 'overlap'> {
  const { runAt, timeZone, gap, overlap } = timing;
  switch (timing.kind) {
    case 'once-local':
      return { runAt, delay: null, timeZoneMode: 'user-local', timeZone, gap, overlap };
    case 'once-fixed':
      return { runAt, delay: timing.delay, timeZoneMode: 'fixed', timeZone, gap, overlap };
  }
}
