import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from './process-identity';

/** The starter that has this data folder, or null when we have it now. */
export function takeLock(file: string): ProcessIdentity | null {
  const holder = readHolder(file);
  if (holder !== null && holder.pid !== process.pid && isAlive(holder)) return holder;
  rmSync(file, { force: true });
  try {
    writeFileSync(file, JSON.stringify(identify(process.pid)), { flag: 'wx' });
    return null;
  } catch {
    // Another starter was quicker by a moment.
    return readHolder(file);
  }
}

export function readHolder(file: string): ProcessIdentity | null {
  if (!existsSync(file)) return null;
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const pid: unknown = Reflect.get(value, 'pid');
    const startedAt: unknown = Reflect.get(value, 'startedAt');
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : null;
  } catch {
    return null;
  }
}
