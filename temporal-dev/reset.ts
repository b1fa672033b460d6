import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Board } from './board';
import { outsideFolder } from './parts/postgres-place';
import { dataDirectory, findRoot } from './setting/setting';
import { endLeftovers } from './supervision/end-leftovers';
import { isAlive } from './supervision/process-identity';
import { openProcessRegister } from './supervision/process-register';
import { readHolder } from './supervision/starter-lock';

/** `npm run reset`: deletes all data, keys and logs of this clone. What was built or downloaded stays in the cache. */
export async function run({ board, args }: { board: Board; args: readonly string[] }): Promise<void> {
  board.close();
  const data = dataDirectory(findRoot(__dirname), process.env);
  const holder = readHolder(path.join(data, 'starter.json'));
  if (holder !== null && isAlive(holder)) {
    process.stderr.write(
      `Sundial is running (process ${holder.pid}): stop it first, with Ctrl-C where it runs.\n`,
    );
    process.exitCode = 1;
    return;
  }
  if (!args.includes('--yes') && !(await confirmed(data))) {
    process.stdout.write('Nothing was deleted.\n');
    process.exitCode = 1;
    return;
  }
  if (existsSync(data)) await endLeftovers(openProcessRegister(path.join(data, 'processes.json')));
  const outside = outsideFolder(data);
  for (const folder of outside === null ? [data] : [outside, data]) {
    rmSync(folder, { recursive: true, force: true });
    process.stdout.write(`Deleted ${folder}\n`);
  }
}

/** Without a terminal there is nobody to ask, and silence is no yes. */
async function confirmed(data: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    process.stderr.write('There is no terminal to ask on: say --yes.\n');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Delete ${data} with every person, schedule and key in it? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
