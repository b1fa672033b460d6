import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lastLine, run } from '../ways/run';
import type { PostgresPlace } from './postgres-place';

export const SUPERUSER = 'sundial';

/** Makes the cluster unless it exists; made aside and moved, so that an interrupted start leaves no half of one. */
export async function ensureCluster(place: PostgresPlace, password: string, log: string): Promise<void> {
  const cluster = clusterOf(place);
  if (existsSync(path.join(cluster, 'PG_VERSION'))) return;
  const aside = `${cluster}.new`;
  const passwordFile = path.join(place.data, `password-${randomUUID()}`);
  rmSync(aside, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (place.user !== null) chownSync(passwordFile, place.user.uid, place.user.gid);
  const login = ['-U', SUPERUSER, '--auth', 'scram-sha-256', '--pwfile', passwordFile];
  // The same order and case rules on every system, whatever locales it has.
  const locale = ['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'];
  try {
    const made = await run(
      path.join(place.programs, 'initdb'),
      ['-D', aside, '-E', 'UTF8', ...login, ...locale],
      { ...place.user, log },
    );
    if (made.code !== 0) throw new Error(`initdb failed: ${lastLine(made)} (log: ${log})`);
    renameSync(aside, cluster);
  } finally {
    unlinkSync(passwordFile);
  }
}

export function clusterOf(place: PostgresPlace): string {
  return path.join(place.data, 'cluster');
}

/**
 * After a power cut the lock file names a pid that may belong to something else by now, and then the server would
 * refuse to start for ever. Nobody but us starts this cluster, and we have ended what we had started.
 */
export function dropStaleLock(place: PostgresPlace): void {
  const lock = path.join(clusterOf(place), 'postmaster.pid');
  if (existsSync(lock) && !isPostgres(Number(readFileSync(lock, 'utf8').split('\n')[0]))) unlinkSync(lock);
}

function isPostgres(pid: number): boolean {
  try {
    if (process.platform !== 'linux') process.kill(pid, 0);
    else return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
    return true;
  } catch {
    return false;
  }
}
