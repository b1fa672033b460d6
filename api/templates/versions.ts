import { z } from 'zod';
import type { TemplateVersionRecord } from '../../store/templates';
import { instant } from '../../domain/validation/fields';
import { definitionExample, definitionView, viewOfDefinition } from './schema';

/** One version of a template as it was written; it never changes. */
export const templateVersionView = z
  .strictObject({
    version: z.int(),
    ...definitionView,
    createdBy: z.string(),
    createdAt: instant,
  })
  .meta({
    id: 'TemplateVersion',
    examples: [
      { version: 1, ...definitionExample, createdBy: 'admin', createdAt: '2026-12-01T09:00:00.000Z' },
    ],
  });

export function viewOfVersion({
  version,
  definition,
  createdBy,
  createdAt,
}: TemplateVersionRecord): z.input<typeof templateVersionView> {
  return { version, ...viewOfDefinition(definition), createdBy, createdAt: createdAt.toISOString() };
}
