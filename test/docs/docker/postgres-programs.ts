import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { embeddedPostgresWay } from '../../../temporal-dev/ways/embedded-postgres';
import { isExecutable } from '../../../temporal-dev/ways/path';
import { lastLine, run } from '../../../temporal-dev/ways/run';
import { firstFound, found, missing } from '../../../temporal-dev/ways/way';
import type { Attempt, Way } from '../../../temporal-dev/ways/way';

/** A server and the tools that dump and restore it, of one major version: pg_dump refuses a newer server. */
export interface PostgresPrograms {
  /** Where `initdb` and `postgres` lie. */
  readonly server: string;
  /** Where `pg_dump`, `pg_restore`, `createdb`, `dropdb` and `psql` lie. */
  readonly tools: string;
  /** What they need to find their libraries. */
  readonly environment: Readonly<Record<string, string>>;
}

const SERVER = ['initdb', 'postgres'];
export const TOOLS = ['pg_dump', 'pg_restore', 'createdb', 'dropdb', 'psql'];

/** Debian keeps each version apart, and on PATH only wrappers that choose one; so does Homebrew. */
const DEBIANS = '/usr/lib/postgresql';
const FOLDERS_OF_VERSIONS = [DEBIANS, '/opt/homebrew/opt', '/usr/local/opt'];

interface Place {
  readonly environment: NodeJS.ProcessEnv;
  /** What is downloaded is kept here, for every later run. */
  readonly cache: string;
  /** Where it is unpacked: in reach of the user that a server runs as. */
  readonly data: string;
}

/** @throws NoWay with one line when this machine has no whole PostgreSQL and cannot get it. */
export function findPostgresPrograms(place: Place): Promise<PostgresPrograms> {
  return firstFound(
    'A PostgreSQL with pg_dump and pg_restore, which the rehearsal of docs/operating.md wants,',
    [installedWay(place), unpackedWay(place)],
    () => undefined,
  );
}

function installedWay({ environment }: Place): Way<PostgresPrograms> {
  return {
    name: 'installed',
    async attempt() {
      const onPath = (environment['PATH'] ?? '').split(path.delimiter).filter(Boolean);
      return match([...FOLDERS_OF_VERSIONS.flatMap(versionsIn), ...onPath, ...(await embedded())], {});
    },
  };
}

/** The server of the embedded stack, for tools that came without one; root's clone may be closed to its user. */
async function embedded(): Promise<readonly string[]> {
  if (process.getuid?.() === 0) return [];
  const attempt = await embeddedPostgresWay().attempt(() => undefined);
  return attempt.kind === 'found' && attempt.value.kind === 'program'
    ? [path.dirname(attempt.value.file)]
    : [];
}

/**
 * Debian's packages, downloaded and unpacked but not installed: an installed one would start a server of the system's,
 * and want root.
 */
function unpackedWay({ environment, cache, data }: Place): Way<PostgresPrograms> {
  const log = path.join(data, 'setup-postgres-tools.log');
  return {
    name: 'apt',
    async attempt() {
      const packages = path.join(cache, 'postgresql-packages');
      mkdirSync(path.join(packages, 'partial'), { recursive: true });
      const kept = await unpacked(packages);
      if (kept.kind === 'found') return kept;
      const problem = await download(packages, log);
      return problem === null ? unpacked(packages) : missing(problem);
    },
  };

  async function unpacked(packages: string): Promise<Attempt<PostgresPrograms>> {
    const root = path.join(data, 'postgresql');
    for (const deb of debsIn(packages)) {
      const ran = await run('dpkg-deb', ['-x', path.join(packages, deb), root], { log, environment });
      if (ran.code !== 0) return missing(`${deb} cannot be unpacked: ${lastLine(ran)}`);
    }
    const folders = [path.join(root, 'usr/lib/postgresql'), DEBIANS].flatMap(versionsIn);
    return match(folders, { LD_LIBRARY_PATH: librariesIn(root).join(path.delimiter) });
  }
}

/** Null once the packages that are missing here are there, otherwise why they are not. */
async function download(packages: string, log: string): Promise<string | null> {
  const command = ['install', '-y', '--no-install-recommends', '--download-only'];
  // Nothing is installed, so nothing needs a lock that only root could take.
  const settings = ['-o', `Dir::Cache::archives=${packages}`, '-o', 'Debug::NoLocking=1'];
  const attempt = (): ReturnType<typeof run> =>
    run('apt-get', [...command, ...settings, 'postgresql'], { log });
  const first = await attempt();
  if (first.code === 127) return 'apt-get is not here';
  if (first.code === 0) return null;
  // A fresh container has no package lists yet.
  await run('apt-get', ['update'], { log });
  const second = await attempt();
  return second.code === 0 ? null : `apt-get install --download-only postgresql failed: ${lastLine(second)}`;
}

/** Without the compiler of queries: it is most of the size, and the server runs with `jit` off. */
function debsIn(packages: string): readonly string[] {
  return readdirSync(packages).filter((name) => name.endsWith('.deb') && !name.startsWith('libllvm'));
}

function librariesIn(root: string): string[] {
  const holders = ['usr/lib', 'lib']
    .map((folder) => path.join(root, folder))
    .filter((each) => existsSync(each));
  return holders.flatMap((holder) =>
    readdirSync(holder)
      .filter((name) => name.includes('-linux-gnu'))
      .map((name) => path.join(holder, name)),
  );
}

/** The newest version first. */
function versionsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((version) => path.join(folder, version, 'bin'));
}

async function match(
  folders: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Attempt<PostgresPrograms>> {
  const holding = (programs: readonly string[]): readonly string[] =>
    folders.filter((folder) => programs.every((program) => isExecutable(path.join(folder, program))));
  const toolsOf = new Map<string, string>();
  for (const tools of holding(TOOLS)) {
    const version = await majorOf(path.join(tools, 'pg_dump'), environment);
    if (!toolsOf.has(version)) toolsOf.set(version, tools);
  }
  for (const server of holding(SERVER)) {
    const tools = toolsOf.get(await majorOf(path.join(server, 'postgres'), environment));
    if (tools !== undefined) return found({ server, tools, environment });
  }
  return missing(`no folder has ${[...SERVER, ...TOOLS].join(', ')} of one version`);
}

async function majorOf(program: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const { output } = await run(program, ['--version'], { environment });
  return /\) (\d+)/.exec(output)?.[1] ?? `none of ${program}`;
}
