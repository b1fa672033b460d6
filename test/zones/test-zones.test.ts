import { createZones } from '../../domain/time/zones';
import { wall } from './shipped-zones';
import { testZoneData, testZoneName } from './test-zones';

test('zones of the test file reach one wall time seconds apart', () => {
  const zones = createZones(testZoneData([0, 3, 45]));
  const noon = wall('2026-06-01T12:00');
  const at = (ahead: number): number =>
    zones.instantOf(testZoneName(ahead), noon, { gap: 'forward', overlap: 'first' }).at;
  expect(zones.names()).toEqual(['Test/Plus00s', 'Test/Plus03s', 'Test/Plus45s', 'UTC']);
  expect(at(0)).toBe(Date.UTC(2026, 5, 1, 12));
  expect(at(0) - at(3)).toBe(3_000);
  expect(at(0) - at(45)).toBe(45_000);
});

test('zones of the test file may stand anywhere on the globe', () => {
  const zones = createZones(testZoneData([0, 30], -34_200));
  expect(zones.offsetAt('Test/Plus30s', 0)).toBe(-34_170);
  expect(zones.offsetAt('UTC', 0)).toBe(0);
});
