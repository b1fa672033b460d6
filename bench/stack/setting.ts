import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { outsideFolder } from '../../temporal-dev/parts/postgres-place';
import { cacheDirectory } from '../../temporal-dev/setting/cache-directory';
import { dataDirectory, findRoot, type Setting } from '../../temporal-dev/setting/setting';

/**
 * A folder that is thrown away, with servers that keep their promises as those of `npm start` do: a Postgres that
 * does not wait for its disk would flatter every figure.
 */
export function benchSetting(given: NodeJS.ProcessEnv): Setting {
  const data = mkdtempSync(path.join(given['TMPDIR'] || os.tmpdir(), 'sundial-bench-'));
  const logs = path.join(data, 'logs');
  mkdirSync(logs);
  // Mail of a bench goes nowhere but into its own sink.
  const environment = { ...given, SMTP_URL: '', SMTP_FALLBACK_URLS: '' };
  return {
    root: findRoot(__dirname),
    data,
    logs,
    cache: cacheDirectory(environment),
    environment,
    durability: 'kept',
  };
}

export function throwAway({ data }: Setting): void {
  const outside = outsideFolder(data);
  if (outside !== null) rmSync(outside, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
}

/** Puts the logs where they outlive the folder, for whoever wants to know what went wrong. */
export function keepLogs({ root, logs, environment }: Setting): string {
  const kept = path.join(dataDirectory(root, environment), 'logs', 'bench');
  rmSync(kept, { recursive: true, force: true });
  cpSync(logs, kept, { recursive: true });
  return kept;
}
