import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from './places.mjs';
import { runLogged } from './stage.mjs';

/** Lies inside what it speaks for, so that deleting node_modules forgets it too. */
const MARK = path.join(ROOT, 'node_modules', '.sundial-installed');

/** `npm ci`, unless these very packages are installed for this very platform. */
export async function installPackages({ board, logs }) {
  const wanted = fingerprint();
  if (readOrEmpty(MARK) === wanted || installedByHand()) {
    board.done('Packages', 'installed');
    return;
  }
  board.busy(
    'Packages',
    existsSync(MARK) ? 'the lock file changed, installing' : 'installing, about a minute, once',
  );
  try {
    await install(path.join(logs, 'npm.log'), board);
  } catch (error) {
    board.failed('Packages', 'npm could not install them');
    throw error;
  }
  writeFileSync(MARK, wanted);
  board.done('Packages', 'installed');
}

/**
 * A registry that lacks other platforms' packages leaves them out of every lock file made with it, and `npm ci` then
 * takes the lock for stale. `npm install --no-save` keeps to what is locked and changes no file.
 */
async function install(log, board) {
  try {
    await npm(log, 'ci');
  } catch (error) {
    if (!error.message.includes('code EUSAGE')) throw error;
    board.busy('Packages', 'npm ci takes the lock file for incomplete, installing from it all the same');
    await npm(log, 'install', '--no-save');
  }
}

function npm(log, ...args) {
  const script = process.env.npm_execpath;
  const [command, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
  return runLogged(log, command, [...first, ...args, '--no-audit', '--no-fund'], npmEnvironment());
}

/** Somebody ran npm after the lock file last changed: npm writes its own copy when it has finished. */
function installedByHand() {
  const copy = path.join(ROOT, 'node_modules', '.package-lock.json');
  if (existsSync(MARK) || !existsSync(copy)) return false;
  return statSync(copy).mtimeMs >= statSync(path.join(ROOT, 'package-lock.json')).mtimeMs;
}

function fingerprint() {
  const lock = readFileSync(path.join(ROOT, 'package-lock.json'));
  const platform = `${process.platform}-${process.arch}-${process.versions.modules}`;
  return createHash('sha256').update(lock).update(platform).digest('hex');
}

/** A system user without a home of its own cannot use npm's usual cache folder. */
function npmEnvironment() {
  try {
    accessSync(os.homedir(), constants.W_OK);
    return {};
  } catch {
    const cache = path.join(os.tmpdir(), `sundial-npm-${os.userInfo().uid}`);
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    return { npm_config_cache: cache };
  }
}

function readOrEmpty(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
