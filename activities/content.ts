import type { InlineContent } from '../domain/content/content';
import type { ScheduleConfig } from '../domain/schedule/config';
import { findTemplate } from '../store/templates';
import type { Database } from '../store/database';

/** What a page says: inline content, or the template as it is now. Null when the template is gone or not active. */
export async function contentOf(
  db: Database,
  tenantId: number,
  config: Pick<ScheduleConfig, 'content' | 'templateId'>,
): Promise<InlineContent | null> {
  if (config.content !== null) return config.content;
  if (config.templateId === null) return null;
  const template = await findTemplate(db, tenantId, config.templateId);
  return template !== null && template.active && template.archivedAt === null ? template.definition : null;
}
