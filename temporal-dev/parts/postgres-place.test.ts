import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { embeddedPostgresWay } from '../ways/embedded-postgres';
import { outsideFolder, placePostgres } from './postgres-place';

const asRoot = process.getuid?.() === 0;

describe('where Postgres keeps its data', () => {
  let clone: string;
  let data: string;
  let programs: string;

  beforeEach(async () => {
    clone = mkdtempSync(path.join(os.tmpdir(), 'sundial-place-'));
    data = path.join(clone, '.sundial');
    mkdirSync(data);
    const attempt = await embeddedPostgresWay().attempt(() => undefined);
    const source = attempt.kind === 'found' ? attempt.value : null;
    programs = source?.kind === 'program' ? path.dirname(source.file) : '';
  });

  afterEach(() => {
    const outside = outsideFolder(data);
    if (outside !== null) rmSync(outside, { recursive: true });
    rmSync(clone, { recursive: true, force: true });
  });

  it('is the data folder where its user can get there', async () => {
    chmodSync(clone, 0o755);
    const place = await placePostgres(programs, data);
    expect(place.data).toBe(path.join(data, 'postgres'));
    expect(place.user === null).toBe(!asRoot);
  });

  it('is a folder of its own when root keeps the clone to itself, the same one at every start', async () => {
    chmodSync(clone, 0o700);
    const place = await placePostgres(programs, data);
    const again = await placePostgres(programs, data);
    expect(again).toEqual(place);
    // An ordinary user's server runs as that user, who owns the clone.
    const expected = asRoot ? outsideFolder(data) : data;
    expect(path.dirname(place.data)).toBe(expected);
    expect(asRoot ? statSync(place.data).uid : place.user?.uid).toBe(place.user?.uid);
  });

  it('is empty again when the data folder that it belonged to is gone', async () => {
    chmodSync(clone, 0o700);
    const before = await placePostgres(programs, data);
    mkdirSync(path.join(before.data, 'cluster'), { recursive: true });
    rmSync(data, { recursive: true });
    mkdirSync(data);
    const after = await placePostgres(programs, data);
    expect(existsSync(path.join(after.data, 'cluster'))).toBe(false);
  });
});
