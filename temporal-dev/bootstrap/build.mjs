import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './places.mjs';
import { runLogged } from './stage.mjs';

const MARKS = path.join(ROOT, 'dist', '.marks');

/** What a command needs before it can take over: generated client, compiled projects, workflow bundle. */
export async function build({ board, logs }, projects) {
  board.busy('Build', existsSync(MARKS) ? 'building what changed' : 'building, about 20 seconds, once');
  try {
    await generateClient(logs);
    await compile(logs, projects);
    await bundleWorkflows(logs);
  } catch (error) {
    board.failed('Build', 'failed');
    throw error;
  }
  board.done('Build', 'built');
}

export async function generateClient(logs) {
  const output = path.join(ROOT, 'store', 'generated');
  const prisma = path.join(ROOT, 'node_modules', 'prisma', 'build', 'index.js');
  await unlessUnchanged('prisma', ['prisma/schema.prisma', 'prisma.config.ts'], output, () =>
    runLogged(path.join(logs, 'prisma.log'), process.execPath, [prisma, 'generate'], {
      // Generating asks for the engine's path but never runs it: naming any file spares a download.
      PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY || process.execPath,
      CHECKPOINT_DISABLE: '1',
    }),
  );
}

/** `tsc -b` knows by itself what is up to date. No projects means all of them. */
export function compile(logs, projects) {
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return runLogged(path.join(logs, 'tsc.log'), process.execPath, [tsc, '-b', ...projects]);
}

export async function bundleWorkflows(logs) {
  const bundler = path.join(ROOT, 'dist', 'worker', 'build-workflows.js');
  if (!existsSync(bundler)) return;
  const sources = ['domain', 'workflows', 'activities/contract.ts', 'worker'];
  await unlessUnchanged('workflows', sources, path.join(ROOT, 'dist', 'workflow-bundle.js'), () =>
    runLogged(path.join(logs, 'workflows.log'), process.execPath, [bundler]),
  );
}

async function unlessUnchanged(name, sources, output, work) {
  const mark = path.join(MARKS, name);
  const wanted = fingerprint(sources);
  if (existsSync(output) && existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  await work();
  mkdirSync(MARKS, { recursive: true });
  writeFileSync(mark, wanted);
}

/** Names and contents: a checkout changes times without changing anything. */
function fingerprint(sources) {
  const hash = createHash('sha256').update(readFileSync(path.join(ROOT, 'package-lock.json')));
  for (const file of sources.flatMap((source) => filesUnder(path.join(ROOT, source))).toSorted()) {
    hash.update(path.relative(ROOT, file)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesUnder(place) {
  if (!existsSync(place)) return [];
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) =>
    filesUnder(path.join(place, entry.name)),
  );
}
