import { z } from 'zod';
import type { InlineContent } from '../../domain/content/content';
import { renderMessage } from '../../domain/content/message';
import type { Reader, RenderedMessage } from '../../domain/content/message';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import { pointTo } from '../../domain/field-error';
import type { FieldError } from '../../domain/field-error';
import { localeSchema } from '../content/schema';
import { invalidRequest } from '../errors/problem';
import { recipientId } from '../../domain/recipient/body';

export const renderBody = z
  .strictObject({
    channel: z.enum(CHANNEL_NAMES),
    locale: localeSchema.nullish().meta({ description: "Wins over the recipient's own." }),
    data: z
      .record(z.string(), z.unknown())
      .default({})
      .meta({ description: "Values of variables; they win over the recipient's attributes." }),
    recipient: recipientId
      .nullish()
      .meta({ description: 'Id of a recipient whose attributes and locale to use.' }),
  })
  .meta({ id: 'RenderBody' });

export const renderedView = z
  .strictObject({
    channel: z.enum(CHANNEL_NAMES),
    locale: z.string().meta({ description: 'Locale of the variant that was used.' }),
    subject: z.string().optional(),
    title: z.string().optional(),
    body: z.string(),
    html: z.string().optional(),
  })
  .meta({ id: 'RenderedMessage' });

/** Renders as a page would. @throws ApiError 422 naming each missing variable, or what else is in the way. */
export function renderOrRefuse(
  content: InlineContent,
  channel: ChannelName,
  data: Record<string, unknown>,
  reader: Reader,
): RenderedMessage {
  const result = renderMessage(content, channel, data, reader);
  if (result.kind === 'rendered') return result.message;
  switch (result.reason) {
    case 'missing-variable':
      throw invalidRequest(result.missing.map(missingVariable), 'render.failed');
    case 'no-content':
      throw invalidRequest([
        {
          pointer: '/channel',
          code: 'template.unusable',
          message: `channel: the template has nothing to say on ${channel} in this or its default locale`,
        },
      ]);
    case 'template-error':
      throw invalidRequest(
        [
          {
            pointer: '/data',
            code: 'field.too-large',
            message: 'data: the message becomes too long, or too costly to render',
          },
        ],
        'render.failed',
      );
  }
}

function missingVariable(name: string): FieldError {
  const pointer = name.split('.').reduce<string>((at, part) => pointTo(at, part), '/data');
  const message = `data.${name}: is required by the template; give it in data or as an attribute of the recipient`;
  return { pointer, code: 'variable.missing', message };
}
