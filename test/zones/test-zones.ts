import { formatOffset } from '../../domain/time/offset';
import { parseZoneData } from '../../domain/time/zone-data';
import type { ZoneData } from '../../domain/time/zone-data';

/**
 * Zones whose clocks stand seconds apart, so that "each at their own wall time" runs for real within a minute.
 * `[0, 3]` gives `Test/Plus00s` and `Test/Plus03s`: the second reaches every wall time three seconds before the
 * first, whose clock shows UTC plus `base` seconds. `UTC` itself is there too, as every tenant's default.
 */
export function testZoneData(secondsAhead: readonly number[], base = 0): ZoneData {
  const zones = secondsAhead.map((ahead) => [testZoneName(ahead), steadyZone(base + ahead)] as const);
  return parseZoneData({
    version: 'test',
    zones: { UTC: steadyZone(0), ...Object.fromEntries(zones) },
    links: {},
    countries: {},
  });
}

export function testZoneName(secondsAhead: number): string {
  return `Test/Plus${String(secondsAhead).padStart(2, '0')}s`;
}

function steadyZone(offset: number): ZoneData['zones'][string] {
  // POSIX counts west of Greenwich, hence the turned sign.
  const rule = `<TEST>${formatOffset(-offset)}`;
  return { first: offset, at: [], offset: [], rule };
}
