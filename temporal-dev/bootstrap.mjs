// The first file that a fresh clone runs, so it is plain JavaScript and needs no package:
// it installs, builds, and hands over to what it has built.
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createBoard } from './bootstrap/board.mjs';
import { build } from './bootstrap/build.mjs';
import { dataDirectory, ROOT } from './bootstrap/places.mjs';
import { installPackages } from './bootstrap/packages.mjs';
import { StageFailed } from './bootstrap/stage.mjs';
import { verify } from './bootstrap/verify.mjs';

const OLDEST_NODE = [20, 19];

/** What each command needs to have built, and the module that then takes over. */
const COMMANDS = {
  start: { projects: ['worker', 'api', 'prisma', 'temporal-dev'], module: 'temporal-dev/start.js' },
  reset: { projects: ['temporal-dev'], module: 'temporal-dev/reset.js' },
  bench: { projects: ['worker', 'api', 'prisma', 'bench'], module: 'bench/main.js' },
  chaos: { projects: ['worker', 'api', 'prisma', 'chaos'], module: 'chaos/main.js' },
};

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  process.stderr.write(
    `Sundial needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.\n`,
  );
  process.exit(1);
}

async function main() {
  refuseOldNode();
  const [name = '', ...args] = process.argv.slice(2);
  process.chdir(ROOT);
  // What a bench prints on stdout is its figures, and a chaos run with --json its summary.
  const board = createBoard(['bench', 'chaos'].includes(name) ? process.stderr : process.stdout);
  const stages = { board, logs: path.join(dataDirectory(), 'logs') };
  if (name === 'test') return test(stages, args);
  const command = COMMANDS[name];
  if (command === undefined) throw new StageFailed(`"${name}" is none of start, test, reset, bench, chaos.`);
  board.expect('Packages', 'Build');
  if (name === 'start') board.expect('Postgres', 'Redis', 'Temporal', 'Inbox', 'Codec', 'Worker', 'API');
  await installPackages(stages);
  await build(stages, command.projects);
  const next = await import(pathToFileURL(path.join(ROOT, 'dist', command.module)).href);
  await next.run({ board, args });
}

async function test(stages, args) {
  await installPackages(stages);
  const { failed, line } = await verify(stages, args);
  process.exitCode = failed === 0 ? 0 : 1;
  process.stdout.write(`${line}\n`);
}

main().catch((error) => {
  // People get the sentence; where it was thrown is for whoever mends it.
  const log = path.join(dataDirectory(), 'logs', 'start.log');
  mkdirSync(path.dirname(log), { recursive: true });
  appendFileSync(log, `${error?.stack ?? error}\n`);
  process.stderr.write(`\n${error?.message ?? error}\n`);
  process.exit(1);
});
