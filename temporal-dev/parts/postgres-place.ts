import { createHash, randomUUID } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { OsUser } from '../supervision/service';
import { run } from '../ways/run';

/** Where a server that refuses to run as root finds its programs and keeps its data. */
export interface PostgresPlace {
  readonly programs: string;
  readonly data: string;
  /** Null: as whoever we are. */
  readonly user: OsUser | null;
}

/** Reachable by every user, unlike a clone or a cache under root's home. */
const SHARED_FOLDERS = ['/var/lib/sundial', '/var/tmp/sundial'];
const RECORD = 'postgres-place.json';

/** An ordinary user's server lives in the data folder, with the programs where they are. */
export async function placePostgres(programs: string, dataFolder: string): Promise<PostgresPlace> {
  const inside = path.join(dataFolder, 'postgres');
  if (process.getuid?.() !== 0) return { programs, data: inside, user: null };
  const user = await serverUser(inside);
  return {
    programs: (await canRun(user, path.join(programs, 'postgres'))) ? programs : copyPrograms(programs),
    data: await placeData(inside, dataFolder, user),
    user,
  };
}

/** The owner of the data that exist, otherwise the system's postgres user, made if need be. */
export async function serverUser(inside: string): Promise<OsUser> {
  if (existsSync(inside)) {
    const { uid, gid } = statSync(inside);
    if (uid !== 0) return { uid, gid };
  }
  if ((await run('id', ['-u', 'postgres'])).code !== 0) {
    const made = await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
    if (made.code !== 0) throw new Error(`Postgres does not run as root, and useradd says: ${made.output}`);
  }
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
  return { uid: Number(uid.output), gid: Number(gid.output) };
}

/** Asked of the system as that user: modes, lists and mounts all have a say. */
async function canRun(user: OsUser, program: string): Promise<boolean> {
  return (await run(program, ['--version'], user)).code === 0;
}

async function canEnter(user: OsUser, folder: string): Promise<boolean> {
  return (await run('test', ['-x', folder], user)).code === 0;
}

async function placeData(inside: string, dataFolder: string, user: OsUser): Promise<string> {
  const recorded = readRecord(dataFolder);
  if (recorded !== null) return recorded;
  if (await canEnter(user, dataFolder)) {
    if (!existsSync(inside)) mkdirSync(inside, { mode: 0o700 });
    chownSync(inside, user.uid, user.gid);
    return inside;
  }
  const clone = createHash('sha256').update(dataFolder).digest('hex').slice(0, 12);
  const outside = path.join(sharedFolder(), clone);
  // It belonged to a data folder that is gone, and its keys with it: nobody could read what it holds.
  rmSync(outside, { recursive: true, force: true });
  mkdirSync(outside, { mode: 0o711 });
  mkdirSync(path.join(outside, 'postgres'), { mode: 0o700 });
  const id = randomUUID();
  writeFileSync(path.join(outside, 'belongs-to.json'), JSON.stringify({ id, dataFolder }));
  writeFileSync(path.join(dataFolder, RECORD), JSON.stringify({ id, outside }));
  chownSync(path.join(outside, 'postgres'), user.uid, user.gid);
  return path.join(outside, 'postgres');
}

/** The folder outside that belongs to this data folder, when there is one; what `npm run reset` deletes too. */
export function outsideFolder(dataFolder: string): string | null {
  const record = readJson(path.join(dataFolder, RECORD));
  const outside = record?.['outside'];
  if (typeof outside !== 'string') return null;
  const owner = readJson(path.join(outside, 'belongs-to.json'));
  return owner?.['id'] === record?.['id'] ? outside : null;
}

function readRecord(dataFolder: string): string | null {
  const outside = outsideFolder(dataFolder);
  return outside === null ? null : path.join(outside, 'postgres');
}

function readJson(file: string): Record<string, unknown> | null {
  if (!existsSync(file)) return null;
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof value === 'object' && value !== null ? { ...value } : null;
}

function copyPrograms(programs: string): string {
  const manifest = readJson(path.join(programs, '..', '..', 'package.json'));
  const version = typeof manifest?.['version'] === 'string' ? manifest['version'] : 'installed';
  const copy = path.join(sharedFolder(), `postgres-${version}`);
  if (!existsSync(copy)) {
    const aside = `${copy}.copying-${process.pid}`;
    cpSync(path.join(programs, '..'), aside, { recursive: true, verbatimSymlinks: true });
    renameSync(aside, copy);
  }
  return path.join(copy, 'bin');
}

/** @throws when another user got there first: root runs nothing that others may write. */
function sharedFolder(): string {
  for (const folder of SHARED_FOLDERS) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
    } catch {
      continue;
    }
    const { uid, mode } = lstatSync(folder);
    if (uid === 0 && (mode & 0o022) === 0) return folder;
  }
  throw new Error(
    `Postgres needs a folder of root's that its user can reach: ${SHARED_FOLDERS.join(' or ')}`,
  );
}
