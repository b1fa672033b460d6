/** More would only wait for each other's processor. */
const MOST = 64;

const PARTS: readonly string[] = Array.from({ length: MOST }, (_, n) =>
  n === 0 ? 'Worker' : `Worker-${n + 1}`,
);

/**
 * The workers that one command runs, as parts: `SUNDIAL_WORKER_PROCESSES`, or one.
 * @throws when it is no whole number from 1 to 64.
 */
export function workerParts({ SUNDIAL_WORKER_PROCESSES: given }: NodeJS.ProcessEnv): readonly string[] {
  const count = Number(given || 1);
  if (!Number.isInteger(count) || count < 1 || count > MOST) {
    throw new Error(`SUNDIAL_WORKER_PROCESSES is ${given}: it has to be a whole number from 1 to ${MOST}.`);
  }
  return PARTS.slice(0, count);
}

/** All that there may be, for those who stop whatever runs. */
export const EVERY_WORKER_PART = PARTS;

export function isWorkerPart(part: string): boolean {
  return PARTS.includes(part);
}
