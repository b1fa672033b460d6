import type { InlineContent } from '../domain/content/content';
import { findTemplate, findTemplateVersion } from '../store/templates';
import type { Database } from '../store/database';
import type { OccurrenceRecord } from '../store/occurrences';

/**
 * What a page says: inline content, or the version of the template that its occurrence delivers. Null when the
 * template is gone or not active by now.
 */
export async function contentOf(
  db: Database,
  tenantId: number,
  { config, templateVersion }: Pick<OccurrenceRecord, 'config' | 'templateVersion'>,
): Promise<InlineContent | null> {
  if (config.content !== null) return config.content;
  if (config.templateId === null) return null;
  const template =
    templateVersion === null
      ? await findTemplate(db, tenantId, config.templateId)
      : await findTemplateVersion(db, tenantId, config.templateId, templateVersion);
  return template !== null && template.active && template.archivedAt === null ? template.definition : null;
}
