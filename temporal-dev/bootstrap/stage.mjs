import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';

/** A stage that could not be done. The message is whole: what ran, what it said, where the log is. */
export class StageFailed extends Error {}

function interrupted() {
  process.exit(130);
}

/** Runs a command with its output in a log file; throws all of that output when it fails. */
export async function runLogged(log, command, args, environment = {}) {
  mkdirSync(path.dirname(log), { recursive: true });
  const file = createWriteStream(log);
  const said = [];
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said.push(chunk);
      file.write(chunk);
    });
  }
  // Whatever ends us ends the command and all that it has started.
  const endGroup = () => child.pid && child.exitCode === null && process.kill(-child.pid, 'SIGKILL');
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  process.once('exit', endGroup);
  for (const name of signals) process.on(name, interrupted);
  const ended = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`));
  });
  process.off('exit', endGroup);
  for (const name of signals) process.off(name, interrupted);
  file.end();
  if (ended !== '') {
    const output = Buffer.concat(said).toString().trimEnd();
    throw new StageFailed(`${output}\n\n${[command, ...args].join(' ')}: ${ended}. The log is ${log}`);
  }
}
