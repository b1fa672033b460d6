import { endProcess } from './end-process';
import { isAlive } from './process-identity';
import type { ProcessRegister } from './process-register';

const PATIENCE_MS = 10_000;

/** Ends what a killed starter left running, and says which parts those were. */
export async function endLeftovers(register: ProcessRegister): Promise<readonly string[]> {
  const left = register.all().filter(isAlive);
  // Last started, first ended: applications before the servers that they use.
  for (const leftover of left.toReversed()) {
    await endProcess(leftover, PATIENCE_MS, new AbortController().signal);
  }
  for (const { pid } of register.all()) register.remove(pid);
  return left.map(({ part }) => part);
}
