import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from './process-identity';

export interface RegisteredProcess extends ProcessIdentity {
  readonly part: string;
  readonly stopSignal: NodeJS.Signals;
}

/**
 * Every process that was started and not yet seen to end, on disk before anything else happens:
 * when the starter itself is killed, the next one finds here what was left running.
 */
export interface ProcessRegister {
  add(started: RegisteredProcess): void;
  remove(pid: number): void;
  all(): readonly RegisteredProcess[];
}

export function openProcessRegister(file: string): ProcessRegister {
  let known = existsSync(file) ? parse(readFileSync(file, 'utf8')) : [];
  function write(next: readonly RegisteredProcess[]): void {
    known = next;
    writeFileSync(`${file}.new`, `${JSON.stringify(known, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  }
  return {
    add: (started) => write([...known.filter(({ pid }) => pid !== started.pid), started]),
    remove: (pid) => write(known.filter((entry) => entry.pid !== pid)),
    all: () => known,
  };
}

function parse(text: string): readonly RegisteredProcess[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isRegistered) : [];
  } catch {
    return [];
  }
}

function isRegistered(value: unknown): value is RegisteredProcess {
  return (
    typeof value === 'object' &&
    value !== null &&
    Number.isInteger(Reflect.get(value, 'pid')) &&
    ['part', 'startedAt', 'stopSignal'].every((key) => typeof Reflect.get(value, key) === 'string')
  );
}
