import type { OnceTime } from '../once/plan';
import { parseInstant } from '../time/instant';
import type { Parsed } from '../time/parsed';
import { parseWallTime } from '../time/wall-time';
import type { OnceTiming } from './config';

/**
 * When a stored once schedule fires. A wall time of a fixed schedule is read in its zone, or the tenant's.
 * @throws RangeError when the configuration holds a time that the API would have refused.
 */
export function onceTimeOf(timing: OnceTiming, tenantZone: string): OnceTime {
  const { gap, overlap } = timing;
  switch (timing.kind) {
    case 'once-local':
      return { mode: 'user-local', nominal: read(parseWallTime(timing.runAt)), gap, overlap };
    case 'once-fixed': {
      const wall = timing.runAt === null ? null : parseWallTime(timing.runAt);
      if (wall?.kind !== 'ok') return { mode: 'instant', at: read(parseInstant(timing.at)) };
      return { mode: 'fixed', nominal: wall.value, timeZone: timing.timeZone ?? tenantZone, gap, overlap };
    }
  }
}

/**
 * What an occurrence of a once schedule is known by (semantics.md "Recurrence"): its nominal wall time, or its
 * instant when it was given as one. Either starts with the nominal date.
 */
export function nominalOf(timing: OnceTiming): string {
  switch (timing.kind) {
    case 'once-local':
      return timing.runAt;
    case 'once-fixed':
      return timing.runAt !== null && parseWallTime(timing.runAt).kind === 'ok' ? timing.runAt : timing.at;
  }
}

function read<T>(parsed: Parsed<T>): T {
  if (parsed.kind === 'refused') throw new RangeError(`A stored time ${parsed.reason}.`);
  return parsed.value;
}
