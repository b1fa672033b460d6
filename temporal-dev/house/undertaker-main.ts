import { rmSync } from 'node:fs';
import path from 'node:path';
import { endLeftovers } from '../supervision/end-leftovers';
import { openProcessRegister } from '../supervision/process-register';

/**
 * Deletes the folder of a house when whoever opened it lets go of our stdin, and first ends what still runs in there:
 * one who was killed could not do so.
 */
function main(folder: string): void {
  process.stdin.resume();
  process.stdin.once('end', () => void bury(folder));
}

async function bury(folder: string): Promise<void> {
  await endLeftovers(openProcessRegister(path.join(folder, 'processes.json')));
  rmSync(folder, { recursive: true, force: true });
}

main(process.argv[2] ?? '');
