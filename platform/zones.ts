import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseZoneData } from '../domain/time/zone-data';
import { createZones } from '../domain/time/zones';
import type { Zones } from '../domain/time/zones';

/**
 * Reads zone data: the file at `path` (`SUNDIAL_ZONE_DATA`), otherwise the newest that comes with Sundial. Throws
 * with the path and the reason when the file cannot be read, is no JSON, or is no zone data.
 */
export function loadZones(path: string = packagedZoneData()): Zones {
  try {
    return createZones(parseZoneData(JSON.parse(readFileSync(path, 'utf8'))));
  } catch (error) {
    throw new Error(`zone data ${path}: ${String(error)}`, { cause: error });
  }
}

function packagedZoneData(): string {
  const folder = join(projectRoot(__dirname), 'domain', 'time', 'data');
  // Releases are named by year and letter (2026f), so the newest sorts last.
  const newest = readdirSync(folder)
    .filter((file) => /^\d{4}[a-z]+\.json$/.test(file))
    .toSorted()
    .at(-1);
  if (newest === undefined) throw new Error(`no zone data in ${folder}`);
  return join(folder, newest);
}

/** The compiler copies no data, so compiled code in `dist/` reads the same file as the source does. */
function projectRoot(from: string): string {
  const manifest = join(from, 'package.json');
  if (existsSync(manifest) && nameIn(manifest) === 'sundial') return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('no package.json of sundial above the code');
  return projectRoot(parent);
}

function nameIn(manifest: string): unknown {
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return typeof content === 'object' && content !== null && 'name' in content ? content.name : undefined;
}
