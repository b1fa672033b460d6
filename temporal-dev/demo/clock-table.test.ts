import { loadZones } from '../../platform/zones';
import { testZoneData } from '../../test/zones/test-zones';
import { createZones } from '../../domain/time/zones';
import { clockTable } from './clock-table';

const AT = Date.parse('2026-11-20T23:30:15Z');
const sent = (timeZone: string) => ({ timeZone, outcome: 'sent', latenessMs: 5 });
const cells = (line: string | undefined): string[] => (line ?? '').split(/ {2,}/);

describe('the table of clocks', () => {
  it('shows what they showed at the instant, from the west to the east', () => {
    const lines = clockTable(loadZones(), AT, []);
    expect(cells(lines.at(2)).slice(0, 3)).toEqual([
      'Pacific/Pago_Pago',
      'Fri 2026-11-20 12:30:15',
      '-11:00',
    ]);
    expect(cells(lines.at(-1)).slice(0, 3)).toEqual([
      'Pacific/Kiritimati',
      'Sat 2026-11-21 13:30:15',
      '+14:00',
    ]);
    expect(lines.map(cells)).toContainEqual([
      'Asia/Kathmandu',
      'Sat 2026-11-21 05:15:15',
      '+05:45',
      '0 of 0',
    ]);
  });

  it('follows our zone data, not those of the runtime', () => {
    // Morocco is permanently on UTC from 2026f on; an older runtime says +01:00.
    expect(clockTable(loadZones(), AT, []).map(cells)).toContainEqual([
      'Africa/Casablanca',
      'Fri 2026-11-20 23:30:15',
      '+00:00',
      '0 of 0',
    ]);
  });

  it('counts who was sent to in each zone', () => {
    const deliveries = [sent('Asia/Tokyo'), { ...sent('Asia/Tokyo'), outcome: 'failed' }, sent('Asia/Seoul')];
    const tokyo = clockTable(loadZones(), AT, deliveries).find((line) => line.startsWith('Asia/Tokyo'));
    expect(tokyo).toMatch(/1 of 2$/);
  });

  it('shows some of the zones of data that know none of the usual', () => {
    const zones = createZones(testZoneData(Array.from({ length: 40 }, (_, second) => second)));
    const shown = clockTable(zones, AT, []).slice(2);
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.length).toBeLessThanOrEqual(15);
  });
});
