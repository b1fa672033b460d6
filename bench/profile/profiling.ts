import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Screen } from '../../temporal-dev/demo/screen';
import { findRoot } from '../../temporal-dev/setting/setting';
import type { Service } from '../../temporal-dev/supervision/service';
import type { CpuProfile } from './cpu-profile';
import { beganFile, PROFILE_VARIABLE } from './handshake';
import { startRecording } from './recording';
import { reportProfile } from './report';

/** Ends a profile and says what is in it. */
export type EndProfile = () => Promise<void>;

/** Profiles a stretch of work, or does not, as the command line said. */
export interface Profiling {
  /** A service that can be profiled once it runs. */
  of(service: Service): Service;
  /** Begins a profile of a process that was made by `of`. */
  begin(pid: number): Promise<EndProfile>;
  /** Begins a profile of this process. */
  beginHere(): Promise<EndProfile>;
}

const nothingToEnd: EndProfile = () => Promise.resolve();

export const NO_PROFILING: Profiling = {
  of: (service) => service,
  begin: () => Promise.resolve(nothingToEnd),
  beginHere: () => Promise.resolve(nothingToEnd),
};

interface ProfilePlace {
  /** Profiles go into its folder `profiles`. */
  readonly folder: string;
  readonly bench: string;
  readonly screen: Pick<Screen, 'say'>;
}

const RECORDER = path.join(findRoot(__dirname), 'dist', 'bench', 'profile', 'recorder.js');
const ANSWERS_WITHIN_MS = 60_000;

export function createProfiling({ folder, bench, screen }: ProfilePlace): Profiling {
  const file = path.join(folder, 'profiles', `${bench}.cpuprofile`);
  mkdirSync(path.dirname(file), { recursive: true });
  const report = (profile: CpuProfile): void => reportProfile(profile, file, bench, screen);
  return {
    of: (service) => ({
      ...service,
      command: {
        ...service.command,
        args: ['--require', RECORDER, ...service.command.args],
        environment: { ...service.command.environment, [PROFILE_VARIABLE]: file },
      },
    }),
    async begin(pid) {
      for (const old of [file, beganFile(file)]) rmSync(old, { force: true });
      process.kill(pid, 'SIGUSR2');
      await appears(beganFile(file));
      rmSync(beganFile(file));
      return async () => {
        process.kill(pid, 'SIGUSR2');
        await appears(file);
        report(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile);
      };
    },
    async beginHere() {
      const end = await startRecording();
      return async () => {
        const profile = await end();
        writeFileSync(file, JSON.stringify(profile));
        report(profile);
      };
    },
  };
}

async function appears(file: string): Promise<void> {
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  while (!existsSync(file)) {
    if (performance.now() > deadline) throw new Error(`The process that is profiled did not write ${file}`);
    await sleep(20);
  }
}
