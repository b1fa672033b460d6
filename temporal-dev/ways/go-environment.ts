import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Go keeps modules and builds under the home folder; a user without one gets them in the cache. */
export function goEnvironment(cache: string): NodeJS.ProcessEnv {
  try {
    accessSync(os.homedir(), constants.W_OK);
    return {};
  } catch {
    return { GOPATH: path.join(cache, 'go'), GOCACHE: path.join(cache, 'go-build') };
  }
}
