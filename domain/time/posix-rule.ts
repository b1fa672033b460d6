import { daysFromDate, isLeapYear, SECONDS_PER_DAY, weekdayOfDays } from './calendar';

/** Which day of a year a change falls on, in the three ways that POSIX knows. */
type RuleDay =
  /** `Jn`: 1-365, February 29th is never counted. */
  | { readonly kind: 'julian'; readonly day: number }
  /** `n`: 0-365, February 29th is counted. */
  | { readonly kind: 'ordinal'; readonly day: number }
  /** `Mm.w.d`: the w-th such weekday of the month, or its last when w is 5. */
  | { readonly kind: 'weekday'; readonly month: number; readonly week: number; readonly weekday: number };

interface RuleChange {
  readonly day: RuleDay;
  /** Seconds after midnight on the wall just before the change; RFC 9636 lets it reach a week either way. */
  readonly time: number;
}

/** The rule by which a zone's offset goes on for ever: a POSIX TZ string as RFC 9636 section 3.3 extends it. */
export interface PosixRule {
  /** Seconds east of Greenwich. */
  readonly standardOffset: number;
  readonly daylight: null | {
    readonly offset: number;
    readonly start: RuleChange;
    readonly end: RuleChange;
  };
}

const NAME = '(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)';
const TIME = '[+-]?\\d{1,3}(?::\\d{2}){0,2}';
const DAY = '(?:J\\d{1,3}|\\d{1,3}|M\\d{1,2}\\.[1-5]\\.[0-6])';
const CHANGE = `(${DAY})(?:/(${TIME}))?`;
const RULE = new RegExp(`^${NAME}(${TIME})(?:${NAME}(${TIME})?,${CHANGE},${CHANGE})?$`);

const TWO_IN_THE_MORNING = 7_200;

/** Reads the rule; throws `RangeError` with the text when it is not one. */
export function parsePosixRule(text: string): PosixRule {
  const match = RULE.exec(text);
  const standard = match?.[1];
  if (!match || standard === undefined) throw new RangeError(`not a POSIX zone rule: ${text}`);
  const within = (value: number, limit: number): number => {
    if (Math.abs(value) > limit) throw new RangeError(`out of range in the zone rule ${text}`);
    return value;
  };
  // POSIX counts offsets west of Greenwich, everybody else east; a mere minus sign would make -0 of 0.
  const offset = (time: string): number => within(0 - seconds(time), 24 * 3_600 + 3_599);
  const standardOffset = offset(standard);
  const [, , daylightOffset, startDay, startTime, endDay, endTime] = match;
  if (startDay === undefined || endDay === undefined) return { standardOffset, daylight: null };

  const change = (day: string, time: string | undefined): RuleChange => ({
    day: ruleDay(day, text),
    time: time === undefined ? TWO_IN_THE_MORNING : within(seconds(time), 167 * 3_600 + 3_599),
  });
  return {
    standardOffset,
    daylight: {
      offset: daylightOffset === undefined ? standardOffset + 3_600 : offset(daylightOffset),
      start: change(startDay, startTime),
      end: change(endDay, endTime),
    },
  };
}

function seconds(time: string): number {
  const sign = time.startsWith('-') ? -1 : 1;
  const [hours = 0, minutes = 0, rest = 0] = time.replace(/^[+-]/, '').split(':').map(Number);
  return sign * (hours * 3_600 + minutes * 60 + rest);
}

function ruleDay(day: string, rule: string): RuleDay {
  const outside = new RangeError(`no such day in the zone rule ${rule}`);
  if (day.startsWith('M')) {
    const [month = 0, week = 0, weekday = 0] = day.slice(1).split('.').map(Number);
    if (month < 1 || month > 12) throw outside;
    return { kind: 'weekday', month, week, weekday };
  }
  const julian = day.startsWith('J');
  const number = Number(julian ? day.slice(1) : day);
  if (number > 365 || (julian && number < 1)) throw outside;
  return { kind: julian ? 'julian' : 'ordinal', day: number };
}

/** A change of offset within a year: `at` is seconds after the year's first midnight in UTC. */
export interface ChangeOfYear {
  readonly at: number;
  readonly offset: number;
}

/** The rule's two changes in `year`, ascending; none when it knows no daylight saving time. */
export function changesOfYear(rule: PosixRule, year: number): readonly ChangeOfYear[] {
  if (rule.daylight === null) return [];
  const { offset, start, end } = rule.daylight;
  const toDaylight = {
    at: dayOfYear(start.day, year) * SECONDS_PER_DAY + start.time - rule.standardOffset,
    offset,
  };
  const toStandard = {
    at: dayOfYear(end.day, year) * SECONDS_PER_DAY + end.time - offset,
    offset: rule.standardOffset,
  };
  return toDaylight.at < toStandard.at ? [toDaylight, toStandard] : [toStandard, toDaylight];
}

/** Days after January 1st. */
function dayOfYear(day: RuleDay, year: number): number {
  switch (day.kind) {
    case 'julian':
      return day.day - 1 + (isLeapYear(year) && day.day >= 60 ? 1 : 0);
    case 'ordinal':
      return day.day;
    case 'weekday': {
      const newYear = daysFromDate({ year, month: 1, day: 1 });
      const first = daysFromDate({ year, month: day.month, day: 1 });
      const next =
        day.month === 12
          ? daysFromDate({ year: year + 1, month: 1, day: 1 })
          : daysFromDate({ year, month: day.month + 1, day: 1 });
      const firstMatch = first + ((day.weekday - weekdayOfDays(first) + 7) % 7);
      const match = firstMatch + 7 * (day.week - 1);
      return (match < next ? match : match - 7) - newYear;
    }
  }
}
