import type { ChannelName } from '../delivery/channel';
import type { DeliveryReason } from '../delivery/state';
import { TemplateSyntaxError } from './compiled-template';
import type { CompiledTemplate } from './compiled-template';
import type { InlineContent } from './content';
import { editionOf } from './edition';
import type { Edition } from './edition';
import { headerText } from './header-text';
import { renderHtml, RenderLimitError, renderText } from './render';
import { scopeOf } from './scope';
import type { Scope } from './scope';
import { textOfHtml } from './text-of-html';
import { missingVariables } from './variables';

/** A message in one person's words, ready for any address. */
export interface RenderedMessage {
  /** The most special locale that spoke. */
  readonly locale: string;
  readonly subject?: string;
  readonly title?: string;
  readonly body: string;
  readonly html?: string;
}

export type RenderResult =
  | { readonly kind: 'rendered'; readonly message: RenderedMessage }
  | { readonly kind: 'failed'; readonly reason: Extract<DeliveryReason, 'no-content' | 'template-error'> }
  | { readonly kind: 'failed'; readonly reason: 'missing-variable'; readonly missing: readonly string[] };

/** Whom a message is for. */
export interface Reader {
  readonly locale: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Renders one channel's content for one person. `data` wins over attributes of the same name. */
export function renderMessage(
  content: InlineContent,
  channel: ChannelName,
  data: Readonly<Record<string, unknown>>,
  reader: Reader,
): RenderResult {
  try {
    const edition = editionOf(content, channel, reader.locale);
    if (edition === null) return { kind: 'failed', reason: 'no-content' };
    const scope = scopeOf(data, reader.attributes);
    const missing = missingVariables(content.requiredVariables, scope);
    if (missing.length > 0) return { kind: 'failed', reason: 'missing-variable', missing };
    return { kind: 'rendered', message: written(edition, scope) };
  } catch (error) {
    if (error instanceof TemplateSyntaxError || error instanceof RenderLimitError) {
      return { kind: 'failed', reason: 'template-error' };
    }
    throw error;
  }
}

function written({ locale, fields, phrases }: Edition, scope: Scope | null): RenderedMessage {
  const text = (source: CompiledTemplate): string => renderText(source, scope, phrases);
  const html = fields.html && renderHtml(fields.html, scope, phrases);
  return {
    locale,
    ...(fields.subject && { subject: headerText(text(fields.subject)) }),
    ...(fields.title && { title: headerText(text(fields.title)) }),
    body: fields.body ? text(fields.body) : textOfHtml(html ?? ''),
    ...(html !== undefined && { html }),
  };
}
