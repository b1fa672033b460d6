import type { LateRule } from '../../domain/late/late';
import type { OnceTime } from '../../domain/once/plan';
import { parseRunAt } from '../../domain/once/run-at';
import { admitOnce } from '../../domain/once/span';
import type { OnceTiming } from '../../domain/schedule/config';
import { parseDuration } from '../../domain/time/duration';
import { DAY, formatInstant, SECOND } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import { formatWallTime } from '../../domain/time/wall-time';
import type { FieldError } from '../../domain/field-error';
import type { GapPolicy, OverlapPolicy, Zones } from '../../domain/time/zones';
import type { FieldErrorCode } from '../../domain/validation/field-codes';
import type { Checked } from '../../domain/validation/check';
import { fieldOf } from '../../domain/validation/document';

interface WrittenTiming {
  readonly runAt: string | null;
  readonly delay: string | null;
  readonly timeZoneMode?: 'user-local' | 'fixed' | undefined;
  readonly timeZone: string | null;
  readonly gap: GapPolicy;
  readonly overlap: OverlapPolicy;
}

const FIELDS = ['scheduleType', 'runAt', 'delay', 'timeZoneMode', 'timeZone', 'gap', 'overlap'];

/** contract.md allows a delay of years; five of them, one or two leap days included. */
const LONGEST_DELAY = 1_827 * DAY;

/** What is further away was a slip of the keyboard, and more than a timer can hold. */
const FURTHEST = 36_525 * DAY;

/**
 * Reads when a schedule fires from the fields that decide it. Refuses without a word when one of them is wrong by
 * itself, because that has been said already.
 * @param tenantZone what `timeZone: null` stands for.
 * @param base pointer of the schedule in the request.
 */
export function readTiming(
  zones: Zones,
  { values, wrong }: { readonly values: Partial<WrittenTiming>; readonly wrong: ReadonlySet<string> },
  tenantZone: string,
  now: Instant,
  base = '',
): Checked<OnceTiming> {
  const { runAt, delay, timeZone, gap, overlap } = values;
  if (
    FIELDS.some((field) => wrong.has(field)) ||
    runAt === undefined ||
    delay === undefined ||
    timeZone === undefined ||
    gap === undefined ||
    overlap === undefined
  ) {
    return { kind: 'refused', errors: [] };
  }
  const written = { runAt, delay, timeZoneMode: values.timeZoneMode, timeZone, gap, overlap };
  const refuse: Refuse = (field, code, reason) => refusal(base, field, code, reason);
  if (runAt !== null && delay === null) return readRunAt(zones, written, runAt, tenantZone, now, refuse);
  if (runAt === null && delay !== null) return readDelay(written, delay, now, refuse);
  return refuse('runAt', 'field.conflict', 'exactly one of runAt and delay must be given');
}

/** The first instant in any zone, unless everybody's message would come too late (semantics.md "Late"). */
export function refusePast(
  zones: Zones,
  time: OnceTime,
  now: Instant,
  late: LateRule,
  expiresAfterMs: number,
): Checked<Instant> {
  const admitted = admitOnce(zones, time, now, late, expiresAfterMs);
  if (admitted.kind === 'refused') return refusal('', 'runAt', 'time.past', admitted.reason);
  return { kind: 'ok', value: admitted.value.earliest };
}

type Refuse = (field: string, code: FieldErrorCode, reason: string) => Checked<OnceTiming>;

function readDelay(written: WrittenTiming, delay: string, now: Instant, refuse: Refuse): Checked<OnceTiming> {
  const length = parseDuration(delay);
  if (length.kind === 'refused') return refuse('delay', 'duration.invalid', length.reason);
  if (length.value > LONGEST_DELAY) return refuse('delay', 'duration.invalid', 'must be at most 5 years');
  return fixed(written, null, now + length.value);
}

function readRunAt(
  zones: Zones,
  written: WrittenTiming,
  runAt: string,
  tenantZone: string,
  now: Instant,
  refuse: Refuse,
): Checked<OnceTiming> {
  const { gap, overlap, timeZone, timeZoneMode } = written;
  const parsed = parseRunAt(runAt);
  if (parsed.kind === 'refused') {
    return refuse('runAt', 'time.invalid', TIME_SHAPE.test(runAt) ? parsed.reason : TIME_FORMS);
  }
  if (parsed.value.kind === 'instant') {
    if (timeZoneMode === 'user-local') {
      return refuse(
        'runAt',
        'field.conflict',
        'must be a wall time without offset, because timeZoneMode is user-local',
      );
    }
    if (parsed.value.at - now > FURTHEST) return refuse('runAt', 'time.invalid', TOO_FAR);
    return fixed(written, runAt, parsed.value.at);
  }
  const nominal = parsed.value.wall;
  if (timeZoneMode === 'fixed') {
    const placed = zones.instantOf(timeZone ?? tenantZone, nominal, { gap, overlap });
    if (placed.kind === 'skipped') {
      return refuse('runAt', 'time.skipped', `does not exist in ${timeZone ?? tenantZone}, and gap is skip`);
    }
    if (placed.at - now > FURTHEST) return refuse('runAt', 'time.invalid', TOO_FAR);
    return fixed(written, formatWallTime(nominal), placed.at);
  }
  if (nominal * SECOND - now > FURTHEST) return refuse('runAt', 'time.invalid', TOO_FAR);
  return {
    kind: 'ok',
    value: { kind: 'once-local', runAt: formatWallTime(nominal), gap, overlap, timeZone },
  };
}

/** What looks like neither form gets both shown; what looks like one is told what is wrong with it. */
const TIME_SHAPE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d))?$/;

const TIME_FORMS =
  'must be a wall time such as 2026-12-01T09:00:00, or an instant such as 2026-12-01T09:00:00Z or ' +
  '2026-12-01T09:00:00+05:30';

const TOO_FAR = 'must be within the next 100 years';

function fixed(
  { delay, timeZone, gap, overlap }: WrittenTiming,
  runAt: string | null,
  at: Instant,
): Checked<OnceTiming> {
  const timing: OnceTiming = {
    kind: 'once-fixed',
    at: formatInstant(at),
    runAt,
    delay,
    timeZone,
    gap,
    overlap,
  };
  return { kind: 'ok', value: timing };
}

function refusal<T>(base: string, field: string, code: FieldErrorCode, reason: string): Checked<T> {
  const pointer = `${base}/${field}`;
  const errors: FieldError[] = [{ pointer, code, message: `${fieldOf(pointer)}: ${reason}` }];
  return { kind: 'refused', errors };
}
