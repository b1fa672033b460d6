import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Stack, stackFile } from '../stack-file';
import { DemoStopped } from './stopped';

export const NOT_RUNNING =
  'Sundial is not running: start it with `npm start`, then run the demo in a second terminal.';

export interface RunningStack extends Pick<Stack, 'api' | 'inbox'> {
  readonly adminKey: string;
}

/**
 * The stack that somebody has started in this data directory. Only reads: a key made here would not be the one that
 * the API was started with. @throws DemoStopped when there is none, or no key to it.
 */
export function findRunningStack(data: string, environment: NodeJS.ProcessEnv): RunningStack {
  const stack = stackFile(data).read();
  if (stack === null) throw new DemoStopped(NOT_RUNNING);
  return { api: stack.api, inbox: stack.inbox, adminKey: adminKey(data, environment) };
}

function adminKey(data: string, environment: NodeJS.ProcessEnv): string {
  const given = environment['SUNDIAL_ADMIN_KEY'];
  if (given) return given;
  const file = path.join(data, 'admin-key');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new DemoStopped(
    `There is no ${file}: set SUNDIAL_ADMIN_KEY to the key that Sundial was started with.`,
  );
}
