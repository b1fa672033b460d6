import { DEFAULT_CAP_RULE } from '../caps/rule';
import { sameJson } from '../json-equality';
import type { ScheduleConfig } from './config';

/** How a schedule stands: its configuration and what became of it. Instants as ISO texts. */
export interface Standing {
  readonly status: string;
  readonly version: number;
  readonly nextRunAt: string | null;
  readonly archivedAt: string | null;
  readonly config: ScheduleConfig;
}

/**
 * What a command changed, for the audit: the names of all fields, but values of times and states alone. Texts,
 * variables and audiences belong to customers and may name people.
 */
export interface Changes {
  readonly changed: readonly string[];
  readonly from: Readonly<Record<string, unknown>>;
  readonly to: Readonly<Record<string, unknown>>;
}

const SHOWN: ReadonlySet<string> = new Set([
  'status',
  'version',
  'nextRunAt',
  'archivedAt',
  'timeZoneMode',
  'runAt',
  'delay',
  'timeZone',
  'gap',
  'overlap',
  'late',
  'expiresAfter',
  'onUnknown',
  'priority',
  'maxPerUserPerDay',
  'maxPerUserPerWeek',
  'capWindow',
  'onThrottleUnavailable',
  'draft',
]);

/** @param before null when the command made the schedule. */
export function changesBetween(before: Standing | null, after: Standing): Changes {
  const old = new Map(before ? fieldsOf(before) : []);
  const changed = fieldsOf(after).filter(
    ([name, value]) => !old.has(name) || !sameJson(old.get(name), value),
  );
  const shown = changed.filter(([name]) => SHOWN.has(name));
  return {
    changed: changed.map(([name]) => name),
    from: before ? Object.fromEntries(shown.map(([name]) => [name, old.get(name)])) : {},
    to: Object.fromEntries(shown),
  };
}

/** Under the names that clients know them by. */
function fieldsOf({ config, ...state }: Standing): [name: string, value: unknown][] {
  const {
    audience,
    fallbackChannels = [],
    caps = DEFAULT_CAP_RULE,
    expiresAfterMs: _milliseconds,
    timing,
    ...fields
  } = config;
  return Object.entries({
    ...state,
    ...fields,
    fallbackChannels,
    audienceQuery: fields.audienceQuery ?? audience,
    timeZoneMode: timing.kind === 'once-local' ? 'user-local' : 'fixed',
    runAt: timing.runAt,
    delay: timing.kind === 'once-fixed' ? timing.delay : null,
    timeZone: timing.timeZone,
    gap: timing.gap,
    overlap: timing.overlap,
    maxPerUserPerDay: caps.perDay,
    maxPerUserPerWeek: caps.perWeek,
    capWindow: caps.window,
    onThrottleUnavailable: caps.onUnavailable,
  });
}
