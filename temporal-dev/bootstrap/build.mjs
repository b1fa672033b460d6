import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './places.mjs';
import { runLogged } from './stage.mjs';

const GENERATED = path.join(ROOT, 'store', 'generated');
const BUNDLER = path.join(ROOT, 'dist', 'worker', 'build-workflows.js');
const MARKS = path.join(ROOT, 'dist', '.marks');

/** Generated client, compiled projects, workflow bundle: each only when what it is made from has changed. */
export async function build({ board, logs }, projects, { tolerant }) {
  board.busy('Build', existsSync(MARKS) ? 'building what changed' : 'building, about 20 seconds, once');
  try {
    await unlessMarked('prisma', [path.join(ROOT, 'prisma', 'schema.prisma')], GENERATED, () =>
      generateClient(logs),
    );
    const compile = compileProjects(logs, projects);
    await (tolerant ? compile.catch(() => undefined) : compile);
    if (existsSync(BUNDLER)) {
      const sources = ['domain', 'workflows', 'activities/contract.ts', 'worker'].map((name) =>
        path.join(ROOT, name),
      );
      await unlessMarked('workflows', sources, MARKS, () =>
        runLogged(path.join(logs, 'workflows.log'), process.execPath, [BUNDLER]),
      );
    }
  } catch (error) {
    board.failed('Build', 'failed');
    throw error;
  }
  board.done('Build', 'built');
}

function generateClient(logs) {
  const prisma = path.join(ROOT, 'node_modules', 'prisma', 'build', 'index.js');
  return runLogged(path.join(logs, 'prisma.log'), process.execPath, [prisma, 'generate'], {
    // Generating asks for the engine's path but never runs it: naming any file spares a download.
    PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath,
    CHECKPOINT_DISABLE: '1',
  });
}

/** `tsc -b` knows by itself what is up to date. */
function compileProjects(logs, projects) {
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return runLogged(path.join(logs, 'tsc.log'), process.execPath, [tsc, '-b', ...projects]);
}

async function unlessMarked(name, sources, output, work) {
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
  for (const file of sources.flatMap(filesUnder).toSorted()) {
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
