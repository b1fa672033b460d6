import type { LateRule } from '../late/late';
import { HOUR, MINUTE } from '../time/instant';
import type { Instant } from '../time/instant';
import { createZones } from '../time/zones';
import type { OnceTime } from './plan';
import { admitOnce, spanOfOnce } from './span';
import { instant, wall, zones } from '../../test/zones/shipped-zones';
import { testZoneData } from '../../test/zones/test-zones';

const send: LateRule = { policy: 'send', graceSeconds: 3_600 };
const nine: OnceTime = {
  mode: 'user-local',
  nominal: wall('2026-12-01T09:00'),
  gap: 'forward',
  overlap: 'first',
};
const earliest = instant('2026-11-30T19:00Z');
const latest = instant('2026-12-01T21:00Z');

function admitted(time: OnceTime, now: Instant, late = send, expiresAfterMs = 24 * HOUR): string {
  return admitOnce(zones, time, now, late, expiresAfterMs).kind;
}

describe('the span of a once schedule', () => {
  test('goes from Kiritimati to Baker Island for a user-local time', () => {
    expect(spanOfOnce(zones, nine)).toEqual({ earliest, latest });
  });

  test('is one instant for a fixed time', () => {
    expect(spanOfOnce(zones, { mode: 'instant', at: latest })).toEqual({ earliest: latest, latest });
    expect(spanOfOnce(zones, { ...nine, mode: 'fixed', timeZone: 'Asia/Tokyo' })).toEqual({
      earliest: instant('2026-12-01T00:00Z'),
      latest: instant('2026-12-01T00:00Z'),
    });
  });

  test('holds the instants at which skips are recorded', () => {
    const skipped: OnceTime = {
      mode: 'fixed',
      timeZone: 'Europe/Paris',
      nominal: wall('2026-03-29T02:30'),
      gap: 'skip',
      overlap: 'first',
    };
    const at = instant('2026-03-29T01:00Z');
    expect(spanOfOnce(zones, skipped)).toEqual({ earliest: at, latest: at });
  });

  test('is that of the zone data in use', () => {
    const { earliest: first, latest: last } = spanOfOnce(createZones(testZoneData([0, 20])), nine);
    expect(last - first).toBe(20_000);
  });
});

describe('a once schedule whose runAt is past', () => {
  test('is taken while one zone is within the grace', () => {
    expect(admitted(nine, earliest)).toBe('ok');
    expect(admitted(nine, latest + HOUR)).toBe('ok');
  });

  test('is refused beyond the grace in every zone', () => {
    expect(admitOnce(zones, nine, latest + HOUR + 1, send, 24 * HOUR)).toEqual({
      kind: 'refused',
      reason: 'is past, beyond the grace of `late`, in every time zone',
    });
  });

  test('is refused after a minute under the policy skip', () => {
    const skip: LateRule = { policy: 'skip', graceSeconds: 3_600 };
    expect(admitted(nine, latest + MINUTE, skip)).toBe('ok');
    expect(admitted(nine, latest + MINUTE + 1, skip)).toBe('refused');
  });

  test('is refused when expiresAfter has passed everywhere', () => {
    expect(admitted(nine, latest + 2 * MINUTE, send, MINUTE)).toBe('refused');
  });

  test('counts the one instant of a fixed time', () => {
    expect(admitted({ mode: 'instant', at: earliest }, earliest + HOUR)).toBe('ok');
    expect(admitted({ mode: 'instant', at: earliest }, earliest + HOUR + 1)).toBe('refused');
  });
});
