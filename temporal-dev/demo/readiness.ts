import { z } from 'zod';
import { NOT_RUNNING } from './running-stack';
import { DemoStopped } from './stopped';

const readiness = z.object({
  down: z.array(z.string()),
  zoneData: z.object({ version: z.string() }),
});

/**
 * Asks whether the stack can do what the demo wants of it. @param zoneVersion of the zone data from which the people
 * get their zones: the API may know other names.
 * @throws DemoStopped
 */
export async function assertReady(api: string, zoneVersion: string): Promise<void> {
  const { down, zoneData } = await readReadiness(api);
  if (down.length > 0) {
    throw new DemoStopped(`Sundial runs at ${api} but is not ready: ${down.join(' and ')} does not answer.`);
  }
  if (zoneData.version !== zoneVersion) {
    throw new DemoStopped(
      `The API runs on zone data ${zoneData.version}, the demo on ${zoneVersion}: give both the same SUNDIAL_ZONE_DATA.`,
    );
  }
}

async function readReadiness(api: string): Promise<z.output<typeof readiness>> {
  let answer: unknown;
  try {
    answer = await (await fetch(`${api}/readyz`, { signal: AbortSignal.timeout(10_000) })).json();
  } catch (error) {
    // The file with the addresses outlives a stack that was killed.
    throw new DemoStopped(NOT_RUNNING, { cause: error });
  }
  const read = readiness.safeParse(answer);
  if (!read.success) throw new DemoStopped(`What answers at ${api} is not Sundial.`);
  return read.data;
}
