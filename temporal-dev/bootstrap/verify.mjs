import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { bundleWorkflows, compile, generateClient } from './build.mjs';
import { ROOT } from './places.mjs';
import { runLogged } from './stage.mjs';

function binary(name) {
  return path.join(ROOT, 'node_modules', '.bin', name);
}

/** Everything that `npm test` holds a change against; a failing stage stops none of the others. */
export async function verify({ board, logs }, args) {
  const results = path.join(logs, 'jest-results.json');
  const format = [
    'Format',
    () => runLogged(path.join(logs, 'format.log'), binary('prettier'), ['--check', '.']),
  ];
  const types = ['Types', () => typesAndBundle(logs)];
  const lint = ['Lint', () => inTheBackground(path.join(logs, 'lint.log'), 'oxlint', ['--type-aware'])];
  const deadCode = [
    'Dead code',
    () => inTheBackground(path.join(logs, 'knip.log'), 'knip', ['--no-progress']),
  ];
  rmSync(results, { force: true });
  mkdirSync(logs, { recursive: true });
  // The format needs one core and nothing that the others make.
  const failed = await Promise.all([inOrder(board, [format]), inOrder(board, [types])]);
  board.close();
  // Tests wait for servers a third of their time: what only reads the code takes what they leave.
  const tests = ['Tests', () => jest(binary('jest'), results, args)];
  const said = [];
  const later = { ...board, say: (text) => said.push(text) };
  failed.push(...(await Promise.all([inOrder(later, [lint, deadCode]), inOrder(board, [tests])])));
  for (const text of said) board.say(text);
  return summary(failed.flat(), readResults(results));
}

/** With the least claim to a core, so that it makes no test wait. */
function inTheBackground(log, name, args) {
  return runLogged(log, 'nice', ['-n', '19', binary(name), ...args]);
}

/** Returns the names of the stages that failed. */
async function inOrder(board, stages) {
  const failed = [];
  for (const [name, work] of stages) {
    board.busy(name, name === 'Tests' ? 'running' : 'checking');
    try {
      await work();
      board.done(name, 'passed');
    } catch (error) {
      failed.push(name);
      board.failed(name, 'failed');
      board.say(error.message);
    }
  }
  return failed;
}

async function typesAndBundle(logs) {
  await generateClient(logs);
  await compile(logs, []);
  await bundleWorkflows(logs);
}

/** Jest speaks to the terminal itself; its results come in a file. */
async function jest(program, results, args) {
  const flags = ['--coverage', '--json', '--outputFile', results, ...args];
  const child = spawn(program, flags, { stdio: 'inherit', cwd: ROOT });
  // A terminal's Ctrl-C reaches Jest by itself; a signal sent to us alone has to be passed on.
  const passOn = (signal) => child.kill(signal);
  process.on('SIGINT', passOn).on('SIGTERM', passOn);
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', resolve);
  });
  process.off('SIGINT', passOn).off('SIGTERM', passOn);
  if (code !== 0) throw new Error(`Jest ended with code ${code}: a test, or the coverage, fails.`);
}

function readResults(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/**
 * The last line. A stage other than the tests counts as one; so does a test file that could not run at all, and a
 * Jest that failed though no test did (its coverage).
 */
export function summary(failedStages, results) {
  const passed = results?.numPassedTests ?? 0;
  const failedTests = (results?.numFailedTests ?? 0) + (results?.numRuntimeErrorTestSuites ?? 0);
  const others = failedStages.filter((name) => name !== 'Tests' || failedTests === 0);
  const failed = failedTests + others.length;
  return { failed, line: `${passed} passed, ${failed} failed` };
}
