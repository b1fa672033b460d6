import type { ChannelName } from '../delivery/channel';
import type { DeliveryReason } from '../delivery/state';
import { compiledTemplate, TemplateSyntaxError } from './compiled-template';
import type { InlineContent } from './content';
import { headerText } from './header-text';
import { chooseLocale } from './locale';
import { renderHtml, RenderLimitError, renderText } from './render';
import { scopeOf } from './scope';
import { missingVariables } from './variables';

/** A message in one person's words, ready for any address. */
export interface RenderedMessage {
  /** Locale of the variant that was used. */
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
  const variants = content.contents[channel]?.variants ?? {};
  const locale = chooseLocale(variants, reader.locale, content.defaultLocale);
  const variant = locale === null ? undefined : variants[locale];
  if (locale === null || variant === undefined) return { kind: 'failed', reason: 'no-content' };

  const scope = scopeOf(data, reader.attributes);
  const missing = missingVariables(content.requiredVariables, scope);
  if (missing.length > 0) return { kind: 'failed', reason: 'missing-variable', missing };

  try {
    const text = (source: string): string => renderText(compiledTemplate(source), scope);
    const { subject, title, body, html } = variant;
    const message: RenderedMessage = {
      locale,
      ...(subject !== undefined && { subject: headerText(text(subject)) }),
      ...(title !== undefined && { title: headerText(text(title)) }),
      body: text(body),
      ...(html !== undefined && { html: renderHtml(compiledTemplate(html), scope) }),
    };
    return { kind: 'rendered', message };
  } catch (error) {
    if (error instanceof TemplateSyntaxError || error instanceof RenderLimitError) {
      return { kind: 'failed', reason: 'template-error' };
    }
    throw error;
  }
}
