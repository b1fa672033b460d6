import { isExecutable } from './path';
import type { Source } from './source';
import { found, missing, type Way } from './way';

/** What an earlier start built or downloaded. The file's name holds its version. */
export function cacheWay(file: string): Way<Source> {
  return {
    name: 'cache',
    async attempt() {
      return isExecutable(file)
        ? found({ kind: 'program', file, from: 'the cache' })
        : missing(`${file} does not exist`);
    },
  };
}
