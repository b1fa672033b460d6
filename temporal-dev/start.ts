import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Board } from './board';
import { box } from './box';
import { runStack } from './run-stack';
import { readKeys } from './setting/keys';
import { openSetting, type Setting } from './setting/setting';
import { type Stack, stackFile } from './stack-file';
import { isAlive, type ProcessIdentity } from './supervision/process-identity';
import { takeLock } from './supervision/starter-lock';

/** `npm start`, once everything is built. */
export async function run({ board }: { board: Board }): Promise<void> {
  const setting = openSetting(process.env);
  refuseForeignData(setting);
  const holder = takeLock(path.join(setting.data, 'starter.json'));
  const stack = holder === null ? await runStack(setting, board) : await runningStack(setting, holder, board);
  board.close();
  const keys = readKeys(setting.data, setting.environment);
  process.stdout.write(`\n${box(stack, keys.admin)}\n`);
  if (holder !== null) process.exit(0);
}

/** Somebody else starts it, or has started it: in both cases its box is what is wanted. */
async function runningStack(setting: Setting, holder: ProcessIdentity, board: Board): Promise<Stack> {
  const file = stackFile(setting.data);
  board.say(`Already running (process ${holder.pid}).`);
  for (;;) {
    const stack = file.read();
    if (stack !== null) return stack;
    if (!isAlive(holder))
      throw new Error(`Process ${holder.pid}, which was starting the stack, ended. Start again.`);
    await sleep(200);
  }
}

function refuseForeignData({ data }: Setting): void {
  try {
    accessSync(data, constants.R_OK | constants.W_OK);
  } catch {
    throw new Error(
      `${data} belongs to another user: start as that user, or name another folder in SUNDIAL_DATA_DIR.`,
    );
  }
}
