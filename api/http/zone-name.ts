import { z } from 'zod';
import type { Zones } from '../../domain/time/zones';
import { because } from './validation';

/** A name of the zone data, exactly (semantics.md "Whose time"). Anything else is refused with a suggestion. */
export function zoneName(zones: Zones): z.ZodString {
  return z
    .string()
    .superRefine((name, context) => {
      if (!zones.has(name)) context.addIssue({ code: 'custom', ...unknownZone(zones, name) });
    })
    .meta({ description: 'Name of an IANA time zone.', examples: ['Europe/Vienna'] });
}

function unknownZone(zones: Zones, name: string): ReturnType<typeof because> {
  const suggestions = zones.suggest(name);
  const hint =
    suggestions.length > 0 ? `did you mean ${suggestions.join(' or ')}?` : 'use one such as Europe/Berlin';
  return because('zone.unknown', `${JSON.stringify(name.slice(0, 80))} is not an IANA zone; ${hint}`);
}
