import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseStack } from './stack';

declare global {
  var sundialTestStack: ChildProcess | undefined;
}

/** Long enough to build Temporal once on a machine that has never had it. */
const READY_WITHIN_MS = 15 * 60_000;

/** Starts one real stack for the whole run, unless SUNDIAL_TEST_STACK already names a running one. */
export default async function globalSetup(): Promise<void> {
  const given = process.env['SUNDIAL_TEST_STACK'];
  if (given) {
    parseStack(given);
    return;
  }
  const program = path.join(__dirname, '..', 'dist', 'temporal-dev', 'test-stack.js');
  if (!existsSync(program)) compile();
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  globalThis.sundialTestStack = child;
  process.env['SUNDIAL_TEST_STACK'] = await firstLine(child);
}

function compile(): void {
  const tsc = path.join(__dirname, '..', 'node_modules', 'typescript', 'bin', 'tsc');
  spawnSync(process.execPath, [tsc, '-b', 'temporal-dev'], {
    stdio: 'inherit',
    cwd: path.join(__dirname, '..'),
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('The stack has no output to read');
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('The stack for the tests did not come up in time')),
      READY_WITHIN_MS,
    );
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      finish();
    };
    child.once('exit', (code) =>
      settle(() => reject(new Error(`The stack for the tests ended with code ${code}`))),
    );
    createInterface({ input: stdout }).once('line', (line) => settle(() => resolve(line)));
  });
}
