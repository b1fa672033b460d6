import { z } from 'zod';
import type { Zones } from '../time/zones';
import { because } from './check';

/** A name of the zone data, exactly (semantics.md "Whose time"). Anything else is refused with a suggestion. */
export function zoneName(zones: Zones): z.ZodString {
  return z
    .string()
    .superRefine((name, context) => {
      if (!zones.has(name))
        context.addIssue({ code: 'custom', ...because('zone.unknown', unknownZone(zones, name)) });
    })
    .meta({ description: 'Name of an IANA time zone.', examples: ['Europe/Vienna'] });
}

/** A suggestion compares a text with every name there is: a list full of mistakes gets its first few. */
const MOST_SUGGESTIONS = 3;

export function zoneNames(zones: Zones, most: number): z.ZodArray<z.ZodString> {
  return z
    .array(z.string())
    .max(most)
    .superRefine((names, context) => {
      let unknown = 0;
      names.forEach((name, index) => {
        if (zones.has(name)) return;
        unknown += 1;
        const reason = unknown > MOST_SUGGESTIONS ? 'is not an IANA zone' : unknownZone(zones, name);
        context.addIssue({ code: 'custom', path: [index], ...because('zone.unknown', reason) });
      });
    });
}

/** Says that a name is none of the zone data, and what may have been meant. */
export function unknownZone(zones: Zones, name: string): string {
  const suggestions = zones.suggest(name);
  const hint =
    suggestions.length > 0 ? `did you mean ${suggestions.join(' or ')}?` : 'use one such as Europe/Berlin';
  // In a file whose columns have slipped, an address may stand here, and reasons are kept.
  const shown = /@|\d{5}/.test(name) ? 'the text' : JSON.stringify(name.slice(0, 80));
  return `${shown} is not an IANA zone; ${hint}`;
}
