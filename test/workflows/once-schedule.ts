import { ulid } from 'ulid';
import type { ScheduleConfig } from '../../domain/schedule/config';
import { DAY } from '../../domain/time/instant';
import type { Database } from '../../store/database';
import { createSchedule } from '../../store/schedules';

export const DEFAULT_TENANT = 1;

/** A user-local once schedule for everyone, by mail; what differs from it is given. */
export function onceAt(runAt: string, changes: Partial<ScheduleConfig> = {}): ScheduleConfig {
  return {
    name: 'Digest',
    channel: 'email',
    templateId: null,
    content: {
      contents: { email: { variants: { en: { subject: 'Good morning', body: 'It is nine.' } } } },
      defaultLocale: 'en',
      requiredVariables: [],
    },
    data: {},
    category: 'marketing',
    tags: [],
    audience: { kind: 'everyone' },
    audienceQuery: {},
    timing: { kind: 'once-local', runAt, gap: 'forward', overlap: 'first', timeZone: null },
    late: { policy: 'send', graceSeconds: 3600 },
    expiresAfterMs: DAY,
    expiresAfter: 'PT24H',
    draft: false,
    ...changes,
  };
}

/** Puts a schedule into Postgres as the API does, without telling anybody. Returns its id. */
export async function writeSchedule(db: Database, config: ScheduleConfig): Promise<string> {
  const id = ulid();
  const at = new Date();
  await createSchedule(db, DEFAULT_TENANT, { id, config, nextRunAt: at, createdBy: 'test' }, at);
  return id;
}
