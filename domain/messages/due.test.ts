import { DAY, HOUR, MINUTE } from '../time/instant';
import { UnknownZoneError } from '../time/zones';
import { instant, wall, zones } from '../../test/zones/shipped-zones';
import { admitDue, dueOf, expiryOf } from './due';
import type { LocalDay, MessageTime } from './due';

const NOW = instant('2026-11-20T12:00:00Z');
const today: LocalDay = { kind: 'today' };
const tomorrow: LocalDay = { kind: 'tomorrow' };
const friday: LocalDay = { kind: 'weekday', weekday: 5 };

const on = (day: LocalDay, hour: number, minute = 0): MessageTime => ({
  kind: 'day',
  day,
  time: hour * 3_600 + minute * 60,
});

const at = (time: MessageTime, zone: string, now = NOW): string =>
  new Date(dueOf(zones, time, zone, now).at).toISOString();

describe('when a message is due', () => {
  it('is now, at an instant or after so much time, wherever the person lives', () => {
    expect(dueOf(zones, { kind: 'now' }, 'Asia/Kathmandu', NOW)).toEqual({ at: NOW, wall: null });
    expect(dueOf(zones, { kind: 'instant', at: NOW + 5 }, 'Asia/Kathmandu', NOW)).toEqual({
      at: NOW + 5,
      wall: null,
    });
    // Across the night in which clocks in New York jump: a day of delay is 24 hours.
    const before = instant('2026-03-07T12:00:00Z');
    expect(at({ kind: 'delay', ms: DAY }, 'America/New_York', before)).toBe('2026-03-08T12:00:00.000Z');
  });

  it("is a wall time on the person's own clock", () => {
    const nine: MessageTime = { kind: 'wall', wall: wall('2026-12-24T09:00') };
    expect(at(nine, 'Asia/Kathmandu')).toBe('2026-12-24T03:15:00.000Z');
    expect(at(nine, 'Pacific/Kiritimati')).toBe('2026-12-23T19:00:00.000Z');
    expect(at(nine, 'Pacific/Marquesas')).toBe('2026-12-24T18:30:00.000Z');
    expect(dueOf(zones, nine, 'Asia/Kathmandu', NOW).wall).toBe(wall('2026-12-24T09:00'));
  });

  it('moves forward out of a gap, and takes the first pass of an overlap', () => {
    const gap: MessageTime = { kind: 'wall', wall: wall('2026-03-29T02:30') };
    expect(at(gap, 'Europe/Paris')).toBe('2026-03-29T01:30:00.000Z');
    const halfHour: MessageTime = { kind: 'wall', wall: wall('2026-10-04T02:15') };
    expect(at(halfHour, 'Australia/Lord_Howe')).toBe('2026-10-03T15:45:00.000Z');
    const twice: MessageTime = { kind: 'wall', wall: wall('2026-10-25T02:30') };
    expect(at(twice, 'Europe/Paris')).toBe('2026-10-25T00:30:00.000Z');
    // Samoa had no 2011-12-30.
    const never: MessageTime = { kind: 'wall', wall: wall('2011-12-30T09:00') };
    expect(at(never, 'Pacific/Apia')).toBe('2011-12-30T19:00:00.000Z');
  });

  it("reads today and tomorrow on the person's own calendar", () => {
    // It is already Saturday the 21st on Kiritimati, and still Friday the 20th in Honolulu.
    expect(at(on(today, 9), 'Pacific/Kiritimati')).toBe('2026-11-20T19:00:00.000Z');
    expect(at(on(tomorrow, 9), 'Pacific/Kiritimati')).toBe('2026-11-21T19:00:00.000Z');
    expect(at(on(today, 9), 'Pacific/Honolulu')).toBe('2026-11-20T19:00:00.000Z');
    expect(at(on(tomorrow, 9), 'Pacific/Honolulu')).toBe('2026-11-21T19:00:00.000Z');
    expect(at(on(tomorrow, 9), 'Asia/Kathmandu')).toBe('2026-11-21T03:15:00.000Z');
  });

  it('is tomorrow at that time on the clock, though the night is an hour shorter', () => {
    const evening = instant('2026-03-28T20:00:00Z');
    expect(at(on(tomorrow, 9), 'Europe/Paris', evening)).toBe('2026-03-29T07:00:00.000Z');
    expect(at(on(tomorrow, 2, 30), 'Europe/Paris', evening)).toBe('2026-03-29T01:30:00.000Z');
  });

  it('finds the next such weekday: today while the time is still to come', () => {
    // Friday noon in London.
    expect(at(on(friday, 13), 'Europe/London')).toBe('2026-11-20T13:00:00.000Z');
    expect(at(on(friday, 12), 'Europe/London')).toBe('2026-11-20T12:00:00.000Z');
    expect(at(on(friday, 11), 'Europe/London')).toBe('2026-11-27T11:00:00.000Z');
    // On Kiritimati it is Saturday.
    expect(at(on(friday, 13), 'Pacific/Kiritimati')).toBe('2026-11-26T23:00:00.000Z');
  });

  it('knows no zone that the data do not have', () => {
    expect(() => at(on(today, 9), 'Mars/Olympus')).toThrow(UnknownZoneError);
  });
});

describe('what is accepted', () => {
  it.each<[string, number, 'ok' | 'refused']>([
    ['now', 0, 'ok'],
    ['an hour ago, which is sent at once', -HOUR, 'ok'],
    ['longer ago', -HOUR - 1, 'refused'],
    ['in five years', 1_827 * DAY, 'ok'],
    ['later', 1_827 * DAY + MINUTE, 'refused'],
  ])('%s', (_name, ahead, kind) => {
    expect(admitDue(NOW + ahead, NOW).kind).toBe(kind);
  });

  it('leaves within a day of its instant, unless its sender says until when', () => {
    expect(expiryOf(NOW, null)).toBe(NOW + DAY);
    expect(expiryOf(NOW, NOW + 5)).toBe(NOW + 5);
  });
});
