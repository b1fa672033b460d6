import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import type { Source } from './source';
import { found, missing, type Way } from './way';

/** A program that is installed on this machine, under any of its names. */
export function pathWay(names: readonly string[], environment: NodeJS.ProcessEnv): Way<Source> {
  return {
    name: 'PATH',
    async attempt() {
      const file = findOnPath(names, environment);
      return file === undefined
        ? missing(`has no ${names.join(' or ')}`)
        : found({ kind: 'program', file, from: file });
    },
  };
}

/** Debian keeps servers in sbin, which an ordinary user's PATH leaves out. */
const USUAL_FOLDERS = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/opt/homebrew/bin'];

export function findOnPath(names: readonly string[], environment: NodeJS.ProcessEnv): string | undefined {
  const folders = [...(environment['PATH'] ?? '').split(path.delimiter).filter(Boolean), ...USUAL_FOLDERS];
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
