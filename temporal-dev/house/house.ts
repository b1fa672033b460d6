import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from '../setting/cache-directory';
import { findRoot } from '../setting/setting';
import type { Setting } from '../setting/setting';
import { endProcess } from '../supervision/end-process';
import { tail } from '../supervision/log-file';
import { isAlive } from '../supervision/process-identity';
import { openProcessRegister } from '../supervision/process-register';
import type { Service } from '../supervision/service';
import { spawnPart } from '../supervision/spawned';
import type { Spawned } from '../supervision/spawned';

/** A process of the house. */
export interface Resident {
  readonly pid: number;
  /** How it ended, in words: `code 0`, `SIGKILL`. */
  readonly ended: Promise<string>;
  isAlive(): boolean;
  signal(name: NodeJS.Signals): void;
}

/** A folder and the processes that live in it. */
export interface House {
  readonly setting: Setting;
  /** Starts a process and resolves when it serves. @throws with the end of its log when it does not. */
  take(name: string, service: Service): Promise<Resident>;
  /** Ends everything that still runs, and deletes the folder. */
  close(): Promise<void>;
}

const READY_WITHIN_MS = 90_000;
const PROBE_EVERY_MS = 50;
const PATIENCE_MS = 20_000;

export function openHouse(): House {
  const setting = ownSetting();
  const register = openProcessRegister(path.join(setting.data, 'processes.json'));
  // When this process is killed it ends the residents.
  const program = path.join(setting.root, 'dist', 'temporal-dev', 'house', 'undertaker-main.js');
  const undertaker = spawn(process.execPath, [program, setting.data], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  });
  const residents: Spawned[] = [];

  return {
    setting,
    async take(name, service) {
      const log = path.join(setting.logs, `${name.toLowerCase()}-${residents.length}.log`);
      const spawned = await spawnPart(name, service.command, log, register);
      residents.push(spawned);
      let how: string | undefined;
      const ended = spawned.ended.then((words) => (how = words));
      const deadline = Date.now() + READY_WITHIN_MS;
      while (!(await service.ready().catch(() => false))) {
        if (how !== undefined) throw new Error(`${name} ended (${how}):\n${tail(log, 20)}`);
        if (Date.now() > deadline) throw new Error(`${name} does not serve:\n${tail(log, 20)}`);
        await sleep(PROBE_EVERY_MS);
      }
      return {
        pid: spawned.pid,
        ended,
        isAlive: () => isAlive(spawned),
        signal: (signal) => process.kill(spawned.pid, signal),
      };
    },
    async close() {
      // Last come, first gone: applications before the servers that they use.
      for (const resident of residents.toReversed()) {
        await endProcess(resident, PATIENCE_MS, new AbortController().signal);
        await resident.ended;
      }
      const gone = once(undertaker, 'exit');
      undertaker.stdin.end();
      await gone;
    },
  };
}

/** Durable, unlike the stack that all tests share: what a killed server had promised has to be there again. */
function ownSetting(): Setting {
  const data = mkdtempSync(path.join(os.tmpdir(), 'sundial-house-'));
  // Postgres runs as a user of its own, who has to get in.
  chmodSync(data, 0o711);
  const logs = path.join(data, 'logs');
  mkdirSync(logs);
  const environment = { ...process.env };
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL']) environment[name] = '';
  const root = findRoot(__dirname);
  return { root, data, logs, cache: cacheDirectory(environment), environment, durability: 'kept' };
}
