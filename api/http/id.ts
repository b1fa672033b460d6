import { z } from 'zod';
import { lineOfText } from '../../domain/validation/fields';
import type { IdPrefix } from '../../platform/new-id';

export function isId(prefix: IdPrefix): (text: string) => boolean {
  const shape = new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`);
  return (text) => shape.test(text);
}

/** An id in a path. Any line of text may be asked for; what has another form than ours is simply unknown. */
export function idParameter(what: string): z.ZodObject<{ id: z.ZodString }> {
  return z.strictObject({ id: lineOfText(1, 200).meta({ description: `Id of the ${what}.` }) });
}
