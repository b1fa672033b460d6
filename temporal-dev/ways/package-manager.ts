import { findOnPath } from './path';
import { lastLine, run } from './run';
import type { Source } from './source';
import { type Attempt, found, missing, type Way } from './way';

export interface Package {
  /** Null where that manager does not carry it. */
  readonly apt: string | null;
  readonly brew: string;
  readonly programs: readonly string[];
}

/** Debian's apt as root, Homebrew on a Mac; otherwise the reason is the command to type. */
export function packageManagerWay(wanted: Package, environment: NodeJS.ProcessEnv, log: string): Way<Source> {
  async function install(command: string, args: readonly string[], from: string): Promise<Attempt<Source>> {
    const ran = await run(command, args, {
      log,
      environment: { DEBIAN_FRONTEND: 'noninteractive', HOMEBREW_NO_AUTO_UPDATE: '1' },
    });
    const file = findOnPath(wanted.programs, environment);
    if (file !== undefined) return found({ kind: 'program', file, from });
    return missing(`${[command, ...args].join(' ')} failed: ${lastLine(ran)} (log: ${log})`);
  }

  return {
    name: 'package manager',
    async attempt(tell) {
      if (findOnPath(['brew'], environment) !== undefined && process.platform === 'darwin') {
        tell(`brew install ${wanted.brew}`);
        return install('brew', ['install', wanted.brew], 'Homebrew');
      }
      if (findOnPath(['apt-get'], environment) === undefined)
        return missing('neither apt nor Homebrew is here');
      if (wanted.apt === null) return missing('apt does not carry it');
      if (process.getuid?.() !== 0) return missing(`needs root, type: sudo apt-get install ${wanted.apt}`);
      tell(`apt-get install ${wanted.apt}`);
      const args = ['install', '-y', '--no-install-recommends', wanted.apt];
      const first = await install('apt-get', args, 'apt');
      if (first.kind === 'found') return first;
      // A fresh container has no package lists yet.
      await run('apt-get', ['update'], { log });
      return install('apt-get', args, 'apt');
    },
  };
}
