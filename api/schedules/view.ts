import type { z } from 'zod';
import type { OnceTiming } from '../../domain/schedule/config';
import type { ScheduleRecord } from '../../store/schedules';
import { scheduleWorkflowId } from '../../workflows/contract';
import { viewOfContent } from '../content/inline';
import { linksTo } from './links';
import type { scheduleView } from './schema';

export type ScheduleView = z.input<typeof scheduleView>;

/** A schedule as it is answered. @param temporalUiUrl base of Temporal's Web UI, when it is known. */
export function viewOf(record: ScheduleRecord, temporalUiUrl: string | undefined): ScheduleView {
  const { config } = record;
  return {
    id: record.id,
    name: config.name,
    channel: config.channel,
    fallbackChannels: [],
    templateId: config.templateId,
    content: config.content && viewOfContent(config.content, config.channel),
    data: config.data,
    category: config.category,
    priority: 3,
    tags: config.tags,
    audienceQuery: { ...Object(config.audienceQuery) },
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
    maxPerUserPerDay: 3,
    maxPerUserPerWeek: 10,
    capWindow: 'rolling',
    onCap: 'drop',
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
