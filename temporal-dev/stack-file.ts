import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Addresses } from './parts/addresses';
import { EVERY_WORKER_PART, isWorkerPart } from './parts/worker-processes';

/** The addresses in use, for people and tools; it exists exactly while the stack runs. */
export interface Stack extends Addresses {
  readonly api: string;
  readonly console: string;
  readonly pids: Readonly<Record<string, number | readonly number[]>>;
}

export function describeStack(
  api: string,
  addresses: Addresses,
  pids: Readonly<Record<string, number>>,
): Stack {
  const others = Object.entries(pids).filter(([part]) => !isWorkerPart(part));
  const worker = EVERY_WORKER_PART.flatMap((part) => pids[part] ?? []);
  return {
    api,
    console: `${api}/`,
    ...addresses,
    pids: {
      ...Object.fromEntries(others.map(([part, pid]) => [part.toLowerCase(), pid])),
      worker,
      starter: process.pid,
    },
  };
}

export interface StackFile {
  write(stack: Stack): void;
  read(): Stack | null;
  remove(): void;
}

/** Readable only by its owner, because the database's address holds a password. Replaced whole, never half written. */
export function stackFile(data: string): StackFile {
  const file = path.join(data, 'stack.json');
  return {
    write(stack) {
      writeFileSync(`${file}.new`, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
    read() {
      if (!existsSync(file)) return null;
      const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
      return isStack(value) ? value : null;
    },
    remove: () => rmSync(file, { force: true }),
  };
}

function isStack(value: unknown): value is Stack {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['api', 'console', 'postgres', 'redis', 'temporal', 'smtp'].every(
      (key) => typeof Reflect.get(value, key) === 'string',
    )
  );
}
