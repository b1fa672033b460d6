import { dateFromDays } from '../../domain/time/calendar';
import type { CalendarDate } from '../../domain/time/calendar';

/** `2026-12-01`, of a day counted from 1970-01-01. */
export function dayText(days: number): string {
  const { year, month, day } = dateFromDays(days);
  return `${monthText({ year, month }, 0)}-${digits(day)}`;
}

/** `2026-12`, so many months after the given one. */
export function monthText({ year, month }: Pick<CalendarDate, 'year' | 'month'>, ahead: number): string {
  const months = year * 12 + month - 1 + ahead;
  return `${Math.floor(months / 12)}-${digits((months % 12) + 1)}`;
}

function digits(number: number): string {
  return String(number).padStart(2, '0');
}
