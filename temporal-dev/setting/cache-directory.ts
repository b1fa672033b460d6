import { accessSync, constants, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The first of the usual places that can be written to: a system user often has no home of its own. */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  const chosen = environment['SUNDIAL_CACHE_DIR'];
  const shared = environment['XDG_CACHE_HOME'];
  const places = chosen
    ? [path.resolve(chosen)]
    : [
        path.join(shared || path.join(os.homedir(), '.cache'), 'sundial'),
        path.join(os.tmpdir(), `sundial-cache-${os.userInfo().uid}`),
      ];
  const found = places.find(canWrite);
  if (found === undefined) throw new Error(`No cache folder can be written to; tried ${places.join(', ')}`);
  return found;
}

function canWrite(place: string): boolean {
  try {
    mkdirSync(place, { recursive: true });
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
