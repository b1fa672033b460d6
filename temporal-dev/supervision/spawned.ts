import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { endGroup } from './end-process';
import { openLog } from './log-file';
import { identify } from './process-identity';
import type { ProcessRegister, RegisteredProcess } from './process-register';
import type { Command } from './service';

/** A process that we started. */
export interface Spawned extends RegisteredProcess {
  /** Resolves with how it ended, in words. */
  readonly ended: Promise<string>;
}

/**
 * Starts a command as the leader of its own group, out of reach of the terminal's Ctrl-C: the starter stops its parts
 * itself, in order.
 * @throws when the program cannot be started at all.
 */
export async function spawnPart(
  part: string,
  command: Command,
  log: string,
  register: ProcessRegister,
): Promise<Spawned> {
  const output = openLog(log);
  const child = spawn(command.file, command.args, {
    cwd: command.user === undefined ? process.cwd() : '/',
    detached: true,
    env: { ...process.env, ...command.environment },
    stdio: ['ignore', output, output],
    ...command.user,
  });
  closeSync(output);
  const ended = whenEnded(child);
  const pid = child.pid;
  if (pid === undefined) throw new Error(await ended);
  const startedAt = identify(pid)?.startedAt ?? 'ended at once';
  const spawned = { part, pid, startedAt, stopSignal: command.stopSignal ?? ('SIGTERM' as const) };
  register.add(spawned);
  return {
    ...spawned,
    ended: ended.then((how) => {
      endGroup(pid);
      register.remove(pid);
      return how;
    }),
  };
}

function whenEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `code ${code}` : signal));
  });
}
