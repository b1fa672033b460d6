import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadZones } from './zones';
import { testZoneData } from '../test/zones/test-zones';

const folder = mkdtempSync(join(tmpdir(), 'sundial-zones-'));
const fileWith = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('zone data', () => {
  test('are the newest packaged release unless a file is named', () => {
    expect(loadZones().version).toMatch(/^20\d\d[a-z]+$/);
    expect(loadZones().names().length).toBeGreaterThan(590);
  });

  test('are read from the file that SUNDIAL_ZONE_DATA names', () => {
    const path = fileWith('test.json', JSON.stringify(testZoneData([0, 3])));
    expect(loadZones(path).names()).toEqual(['Test/Plus00s', 'Test/Plus03s', 'UTC']);
  });

  test.each([
    ['a missing file', join(folder, 'missing.json'), /missing\.json: Error: ENOENT/],
    ['a file that is no JSON', fileWith('broken.json', '{"version":'), /broken\.json: .*JSON/],
    ['a file of other data', fileWith('other.json', '{}'), /other\.json: ZoneDataError: version must be/],
  ])('in %s stop the start with the path and the reason', (_, path, message) => {
    expect(() => loadZones(path)).toThrow(message);
  });
});
