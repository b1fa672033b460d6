import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { goEnvironment } from './go-environment';
import { moveIntoPlace } from './move-into-place';
import { lastLine, run } from './run';
import type { Source } from './source';
import { found, missing, type Way } from './way';

export interface GoProgram {
  /** Import path with its version. */
  readonly target: string;
  /** What `go install` names the binary. */
  readonly binary: string;
  /** Said while it builds. */
  readonly note: string;
}

/** Builds into a folder aside and moves the finished binary, so that the cache never holds half of one. */
export function goInstallWay(program: GoProgram, file: string, log: string): Way<Source> {
  return {
    name: 'go install',
    async attempt(tell) {
      const version = await run('go', ['version'], { within: 10_000 });
      if (version.code !== 0) return missing('go is not installed');
      tell(program.note);
      const aside = `${file}.building-${process.pid}`;
      mkdirSync(aside, { recursive: true });
      try {
        const environment = { ...goEnvironment(path.dirname(file)), GOBIN: aside };
        const built = await run('go', ['install', program.target], { environment, log });
        if (built.code !== 0) return missing(`${program.target} failed: ${lastLine(built)} (log: ${log})`);
        moveIntoPlace(path.join(aside, program.binary), file);
        return found({ kind: 'program', file, from: 'go install' });
      } finally {
        rmSync(aside, { recursive: true, force: true });
      }
    },
  };
}
