import { SECOND } from '../../domain/time/instant';
import { readLeftovers } from '../evidence/leftovers';
import { until } from '../world/until';
import type { World } from '../world/world';

/**
 * Leases of 20 s, a circuit that is open for 30 s at a time, retries over 42 s, a steward that looks each half minute:
 * each of them more than once.
 */
const RESTS_WITHIN_MS = 300 * SECOND;

/** Waits until nothing is under way any more. @throws ChaosStopped when it does not come to rest */
export async function untilRest(world: World): Promise<void> {
  await until(
    'everything is over that had begun',
    async () => {
      const left = await readLeftovers(world.db).catch(() => undefined);
      return (
        left !== undefined &&
        left.claimed + left.openOccurrences + left.untoldCommands + left.unfinished.length === 0
      );
    },
    { withinMs: RESTS_WITHIN_MS, interrupted: world.interrupted },
  );
}
