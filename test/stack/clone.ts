import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Stack, stackFile } from '../../temporal-dev/stack-file';
import { eventually } from '../eventually';

const ROOT = path.join(__dirname, '..', '..');
const BOOTSTRAP = path.join(ROOT, 'temporal-dev', 'bootstrap.mjs');

/** This clone with a data folder of its own, as somebody at a terminal has it before them. */
export interface Clone {
  readonly data: string;
  /** Starts the stack and resolves when the box is there. */
  start(environment?: NodeJS.ProcessEnv): Promise<Starter>;
  /** Runs one of the commands to its end. */
  command(...args: readonly string[]): { readonly code: number | null; readonly said: string };
  /** What stack.json says. */
  stack(): Stack | null;
}

export interface Starter {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  said(): string;
}

/**
 * What Node is told by a script of package.json. npm itself would stand between a test's signals and the starter.
 * @throws when there is no such script, or it is no program of Node's.
 */
export function argumentsOf(command: string): string[] {
  const [, name = ''] = /^npm (?:run )?([a-z]+)$/.exec(command) ?? [];
  const scripts: unknown = Reflect.get(
    JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')),
    'scripts',
  );
  const script: unknown =
    typeof scripts === 'object' && scripts !== null ? Reflect.get(scripts, name) : undefined;
  const [, file = '', rest = ''] =
    /^exec node (\S+) (.+)$/.exec(typeof script === 'string' ? script : '') ?? [];
  if (file === '') throw new Error(`"${command}" runs no script that a test can follow`);
  return [path.join(ROOT, file), ...rest.split(' ')];
}

/** @param start the command that people start Sundial with. */
export function openClone(start = 'npm start'): Clone {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundial-clone-'));
  // Open to the user that Postgres runs as under root, so that deleting this folder deletes all there is.
  chmodSync(folder, 0o755);
  const data = path.join(folder, 'data');
  const environment = (extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
    ...bare(),
    SUNDIAL_DATA_DIR: data,
    ...extra,
  });
  return {
    data,
    async start(extra = {}) {
      const starter = follow(
        spawn(process.execPath, argumentsOf(start), { cwd: ROOT, env: environment(extra) }),
      );
      await eventually(
        'the box',
        () => /Ctrl-C stops/.test(starter.said()) || starter.process.exitCode !== null,
        {
          withinMs: 150_000,
        },
      );
      return starter;
    },
    command(...args) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [BOOTSTRAP, ...args], {
        cwd: ROOT,
        env: environment({}),
        encoding: 'utf8',
      });
      return { code: status, said: stdout + stderr };
    },
    stack: () => stackFile(data).read(),
  };
}

function follow(child: ChildProcess): Starter {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  return { process: child, ended, said: () => text };
}

/** The test run's own servers and keys are none of this clone's business. */
function bare(): NodeJS.ProcessEnv {
  const servers = ['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'SMTP_FALLBACK_URLS', 'PORT'];
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !servers.includes(name) && !/^SUNDIAL_(?!CACHE_DIR)/.test(name),
    ),
  );
}

/** The command lines of all processes that have this text in them. */
export function processesNaming(text: string): readonly string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(text));
}

export function readData(clone: Clone, file: string): string {
  return readFileSync(path.join(clone.data, file), 'utf8').trim();
}
