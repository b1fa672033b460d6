import { loadZones } from '../../platform/zones';
import type { Instant } from '../../domain/time/instant';
import { parseInstant } from '../../domain/time/instant';
import type { WallTime } from '../../domain/time/wall-time';
import { parseWallTime } from '../../domain/time/wall-time';
import type { Parsed } from '../../domain/time/parsed';

/** The zone rules that Sundial comes with. */
export const zones = loadZones();

export const wall = (text: string): WallTime => valueOf(parseWallTime(text));

export const instant = (text: string): Instant => valueOf(parseInstant(text));

function valueOf<T>(parsed: Parsed<T>): T {
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  return parsed.value;
}
