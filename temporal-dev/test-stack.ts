import { mkdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Board } from './board';
import { outsideFolder } from './parts/postgres-place';
import { raiseServers } from './parts/raise-servers';
import { serverParts, STOP_ORDER } from './parts/server-parts';
import { cacheDirectory } from './setting/cache-directory';
import { createPorts } from './setting/ports';
import { findRoot, type Setting } from './setting/setting';
import { openProcessRegister } from './supervision/process-register';
import { stopOnSignal } from './supervision/stop-on-signal';
import { createSupervisor } from './supervision/supervisor';

/**
 * The servers of one test run, in a folder that is thrown away. Their addresses are its only line on stdout.
 * It ends when its stdin does, so it outlives no test run, however that one ends.
 */
async function main(): Promise<void> {
  const setting = await throwAwaySetting();
  const board = boardOnStderr();
  const register = openProcessRegister(path.join(setting.data, 'processes.json'));
  const supervisor = createSupervisor({ board, register, logs: setting.logs, onChange: () => undefined });
  const stop = stopOnSignal(board, supervisor, STOP_ORDER, () => {
    const outside = outsideFolder(setting.data);
    if (outside !== null) rmSync(outside, { recursive: true, force: true });
    rmSync(setting.data, { recursive: true, force: true });
  });
  process.stdin.resume();
  process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
  try {
    const parts = serverParts(setting, { postgresPassword: 'test' });
    const addresses = await raiseServers(parts, { board, ports: anyPorts(), supervisor });
    process.stdout.write(`${JSON.stringify(addresses)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await stop.now();
    process.exit(1);
  }
}

async function throwAwaySetting(): Promise<Setting> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'sundial-test-'));
  const logs = path.join(data, 'logs');
  mkdirSync(logs);
  // Tests count every mailbox and break every part: they never use a server of somebody else's.
  const environment = { ...process.env };
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'SMTP_FALLBACK_URLS'])
    environment[name] = '';
  const cache = cacheDirectory(environment);
  return { root: findRoot(__dirname), data, logs, cache, environment, durability: 'throw-away' };
}

/** Never the usual ports: a stack that somebody works with may want to start in the meantime. */
function anyPorts(): ReturnType<typeof createPorts> {
  const ports = createPorts();
  return { take: () => ports.take(0) };
}

function write(line: string): void {
  process.stderr.write(`${line}\n`);
}

function boardOnStderr(): Board {
  return {
    expect: () => undefined,
    busy: (part, note) =>
      note === 'starting' || note.startsWith('looking') ? undefined : write(`${part}: ${note}`),
    done: () => undefined,
    failed: (part, note) => write(`${part}: ${note}`),
    say: write,
    close: () => undefined,
  };
}

void main();
