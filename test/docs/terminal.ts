import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What one block of commands did. */
export interface Ran {
  readonly code: number | null;
  /** Output and errors, as a person would see them. */
  readonly said: string;
}

/** A reader's terminal in an empty folder: blocks run in order and share what they export. */
export interface Terminal {
  readonly folder: string;
  run(commands: string): Promise<Ran>;
  /** Of a variable that a block exported. */
  exported(name: string): Promise<string>;
  close(): void;
}

/**
 * Curl as it is, except that it fails where the answer is an error or a redirection: pasted into a terminal it would
 * print the problem and succeed. What failed is also kept in a file, because a pipe or `$(...)` hides it.
 */
const CURL = `#!/bin/sh
PATH="$READERS_PATH" curl --show-error --fail-with-body --location --max-redirs 0 "$@"
code=$?
[ "$code" -eq 0 ] || echo "curl ended with $code: $*" >> "$FAILED_CALLS"
exit "$code"
`;

/** Some blocks start a dozen processes, on a machine that runs other tests as well. */
const TAKES_AT_MOST_MS = 240_000;

/**
 * @param given variables that are set anew before each block, whatever the page does to them.
 * @param installed programs that come before those of this machine: the text of a script by its name.
 */
export function openTerminal(
  given: Record<string, string>,
  installed: Record<string, string> = {},
): Terminal {
  const home = mkdtempSync(path.join(os.tmpdir(), 'sundial-docs-'));
  const folder = path.join(home, 'clone');
  const programs = path.join(home, 'bin');
  for (const place of [folder, programs]) mkdirSync(place);
  for (const [name, script] of Object.entries({ curl: CURL, ...installed })) {
    writeFileSync(path.join(programs, name), script);
    chmodSync(path.join(programs, name), 0o755);
  }
  const state = path.join(home, 'exported');
  const failed = path.join(home, 'failed-calls');
  const readersPath = process.env['PATH'] ?? '';
  const environment = {
    ...given,
    HOME: home,
    PATH: `${programs}:${readersPath}`,
    READERS_PATH: readersPath,
    FAILED_CALLS: failed,
  };

  async function run(commands: string): Promise<Ran> {
    const before = existsSync(state) ? readFileSync(state, 'utf8') : '';
    const again = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`);
    const script = [before, ...again, `trap 'export -p > ${quoted(state)}' EXIT`, commands].join('\n');
    const ran = await bash(script, folder, environment);
    if (!existsSync(failed)) return ran;
    const calls = readFileSync(failed, 'utf8');
    rmSync(failed);
    return { code: ran.code === 0 ? 22 : ran.code, said: `${ran.said}\n${calls}` };
  }

  return {
    folder,
    run,
    exported: async (name) => (await run(`printf %s "$${name}"`)).said,
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}

function bash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  const child = spawn('bash', ['-e', '-u', '-o', 'pipefail', '-c', script], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TAKES_AT_MOST_MS,
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said: Buffer.concat(said).toString() }));
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
