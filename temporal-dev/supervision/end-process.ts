import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../../platform/error-code';
import { isAlive, type ProcessIdentity } from './process-identity';

const LOOK_EVERY_MS = 25;

/**
 * Asks a process to end, waits, and then ends its whole group, so that no child of its own outlives it.
 * `hasten` cuts the waiting short.
 */
export async function endProcess(
  target: ProcessIdentity & { readonly stopSignal: NodeJS.Signals },
  patienceMs: number,
  hasten: AbortSignal,
): Promise<void> {
  // Were it gone already, its pid could by now lead a group of somebody else's.
  if (!isAlive(target)) return;
  signal(target.pid, target.stopSignal);
  const deadline = performance.now() + patienceMs;
  while (isAlive(target) && performance.now() < deadline && !hasten.aborted) {
    await sleep(LOOK_EVERY_MS);
  }
  endGroup(target.pid);
  while (isAlive(target)) await sleep(LOOK_EVERY_MS);
}

/** For the moment at which a leader is seen to end: what it started goes with it. */
export function endGroup(leader: number): void {
  signal(-leader, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: it ended in the meantime. EPERM: on a Mac, a group of which only zombies are left.
    if (!['ESRCH', 'EPERM'].includes(errorCode(error) ?? '')) throw error;
  }
}
