import { z } from 'zod';
import type { TemplateVersionRecord } from '../../store/templates';
import { instant } from '../../domain/validation/fields';
import { definitionView, viewOfDefinition } from './schema';

/** One version of a template as it was written; it never changes. */
export const templateVersionView = z
  .strictObject({
    version: z.int(),
    ...definitionView,
    createdBy: z.string(),
    createdAt: instant,
  })
  .meta({ id: 'TemplateVersion' });

export function viewOfVersion({
  version,
  definition,
  createdBy,
  createdAt,
}: TemplateVersionRecord): z.input<typeof templateVersionView> {
  return { version, ...viewOfDefinition(definition), createdBy, createdAt: createdAt.toISOString() };
}
