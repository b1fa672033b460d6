import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export interface Ran {
  readonly code: number;
  readonly output: string;
}

export interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  readonly log?: string;
  /** The command is killed after this long, in milliseconds. */
  readonly within?: number;
}

/** Runs a command to its end; a command that cannot be started ends with code 127, as in a shell. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { environment, uid, gid, log, within } = options;
  const file = log === undefined ? undefined : createWriteStream(log, { flags: 'a' });
  file?.write(`$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      // Another user may not be allowed into the folder that we stand in.
      cwd: uid === undefined ? process.cwd() : '/',
      // A group of its own, so that what the command has started can be ended with it.
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    const endGroup = (): void => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    process.once('exit', endGroup);
    const timer = within === undefined ? undefined : setTimeout(endGroup, within);
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said.push(chunk);
        file?.write(chunk);
      });
    }
    const end = (code: number, extra = ''): void => {
      process.off('exit', endGroup);
      clearTimeout(timer);
      const ran = { code, output: (Buffer.concat(said).toString() + extra).trim() };
      // Who reads the log, or deletes its folder, finds it whole.
      if (file === undefined) resolve(ran);
      else file.end(() => resolve(ran));
    };
    child.once('error', (error) => end(127, error.message));
    child.once('close', (code) => end(code ?? 1));
  });
}

/** The last thing that a command said, for a one-line reason. */
export function lastLine({ code, output }: Ran): string {
  return output.split('\n').at(-1) || `it ended with code ${code}`;
}
