import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { copyContext } from './build-context';
import { parseDockerfile } from './dockerfile';
import type { Instruction, Stage } from './dockerfile';

/** What a container would be started from, as a folder of this machine. */
export interface Image {
  readonly stage: Stage;
  /** Where its `/app` lies. */
  readonly app: string;
  start(command: readonly string[], environment?: Record<string, string>): Running;
}

export interface Running {
  readonly process: ChildProcess;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  said(): string;
}

/**
 * Follows the steps of deploy/Dockerfile in an empty folder, each stage a folder of its own, with this machine's Node
 * and npm in place of the base image. A step that fails throws what it said.
 */
export async function buildImage(root: string, place: string): Promise<Image> {
  const stages = parseDockerfile(readFileSync(path.join(root, 'deploy', 'Dockerfile'), 'utf8'));
  const folderOf = (stage: Stage): string => path.join(place, stage.name ?? 'image');
  for (const stage of stages) {
    const here = { folder: folderOf(stage), workdir: '/', environment: {} };
    for (const step of stage.instructions) await follow(step, here, { root, place });
  }
  const stage = stages.at(-1);
  if (stage === undefined) throw new Error('deploy/Dockerfile has no stage');
  const app = path.join(folderOf(stage), 'app');
  const variables = stage.instructions.flatMap((step) => (step.kind === 'env' ? [step.variables] : []));
  const environment: Record<string, string> = Object.assign({}, ...variables);
  return {
    stage,
    app,
    start: (command, extra = {}) => started(command, app, { ...environment, ...extra }),
  };
}

interface Here {
  readonly folder: string;
  workdir: string;
  readonly environment: Record<string, string>;
}

async function follow(
  step: Instruction,
  here: Here,
  { root, place }: { root: string; place: string },
): Promise<void> {
  const cwd = path.join(here.folder, here.workdir);
  switch (step.kind) {
    case 'workdir':
      here.workdir = step.folder;
      mkdirSync(path.join(here.folder, step.folder), { recursive: true });
      return;
    case 'env':
      Object.assign(here.environment, step.variables);
      return;
    case 'run': {
      const running = started(['sh', '-c', step.command], cwd, here.environment);
      const code = await running.ended;
      if (code !== 0) throw new Error(`RUN ${step.command} ended with ${code}:\n${running.said()}`);
      return;
    }
    case 'copy':
      for (const source of step.sources) {
        if (step.from !== null) moveInto(path.join(place, step.from, source), cwd, step.target);
        else if (source === '.') copyContext(root, cwd);
        else copyFileSync(path.join(root, source), path.join(cwd, step.target, source));
      }
      return;
    case 'user':
    case 'expose':
    case 'healthcheck':
    case 'cmd':
      return;
  }
}

/** Nobody looks into an earlier stage again, and moving half a gigabyte takes no time. */
function moveInto(source: string, cwd: string, target: string): void {
  const goal = path.join(cwd, target);
  const end =
    statSync(source).isDirectory() || !target.endsWith('/') ? goal : path.join(goal, path.basename(source));
  mkdirSync(path.dirname(end), { recursive: true });
  renameSync(source, end);
}

/** With nothing of this test run's environment but where programs and npm's cache are, which is asked first. */
function started(command: readonly string[], cwd: string, environment: Record<string, string>): Running {
  const [file = '', ...args] = command;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(file, args, {
    cwd,
    env: { PATH, HOME, npm_config_prefer_offline: 'true', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { process: child, ended, said: () => said };
}
