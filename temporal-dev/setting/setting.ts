import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cacheDirectory } from './cache-directory';

/** Where a stack lives and what it was told from outside. */
export interface Setting {
  /** The clone. */
  readonly root: string;
  /** `.sundial`: data, keys, logs, addresses. */
  readonly data: string;
  readonly logs: string;
  /** Tools that were built or downloaded; shared by all clones of this user. */
  readonly cache: string;
  readonly environment: NodeJS.ProcessEnv;
  /** A throw-away stack is a test run's: fast, and nothing of it needs to outlive a crash. */
  readonly durability: 'kept' | 'throw-away';
}

export function openSetting(environment: NodeJS.ProcessEnv): Setting {
  const root = findRoot(__dirname);
  const data = dataDirectory(root, environment);
  const logs = path.join(data, 'logs');
  mkdirSync(logs, { recursive: true });
  return { root, data, logs, cache: cacheDirectory(environment), environment, durability: 'kept' };
}

export function dataDirectory(root: string, environment: NodeJS.ProcessEnv): string {
  return path.resolve(root, environment['SUNDIAL_DATA_DIR'] || '.sundial');
}

/** The same from sources and from `dist/`: the nearest folder above whose package.json is ours. */
export function findRoot(from: string): string {
  const manifest = path.join(from, 'package.json');
  if (existsSync(manifest)) {
    const value: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
    if (typeof value === 'object' && value !== null && Reflect.get(value, 'name') === 'sundial') return from;
  }
  const parent = path.dirname(from);
  if (parent === from) throw new Error('No package.json of Sundial lies above this file');
  return findRoot(parent);
}
