import type { Source } from './source';
import { found, missing, type Way } from './way';

/** A server that somebody else runs, named by its variable. */
export function environmentWay(variable: string, environment: NodeJS.ProcessEnv): Way<Source> {
  return {
    name: variable,
    async attempt() {
      const url = environment[variable];
      return url ? found({ kind: 'external', url, variable }) : missing('not set');
    },
  };
}
