import { z } from 'zod';
import type { InlineContent } from '../../domain/content/content';
import { editionOf } from '../../domain/content/edition';
import { renderMessage } from '../../domain/content/message';
import type { Reader } from '../../domain/content/message';
import { scopeOf } from '../../domain/content/scope';
import { missingVariables, plainVariablesOf } from '../../domain/content/variables';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import { pointTo } from '../../domain/field-error';
import type { FieldError } from '../../domain/field-error';
import { localeSchema } from '../content/schema';
import type { FieldErrorCode } from '../../domain/validation/field-codes';
import { invalidRequest } from '../errors/problem';
import type { ApiError } from '../errors/problem';
import { recipientId } from '../../domain/recipient/body';

export const renderBody = z
  .strictObject({
    channel: z
      .enum(CHANNEL_NAMES)
      .nullish()
      .meta({ description: 'May be left out when the template speaks on one channel alone.' }),
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
    locale: z.string().meta({ description: 'The most special locale that had a variant or a string table.' }),
    subject: z.string().optional(),
    title: z.string().optional(),
    body: z.string(),
    html: z.string().optional(),
    missing: z.array(z.string()).meta({
      description:
        'Variables that stand outside of sections and have no value: they left nothing in the text. Required ones are ' +
        'refused instead.',
    }),
  })
  .meta({
    id: 'RenderedMessage',
    examples: [
      {
        channel: 'email',
        locale: 'de',
        subject: 'Willkommen, Ada',
        body: 'Schön, dass du da bist, Ada.',
        missing: [],
      },
    ],
  });

export type RenderedView = z.input<typeof renderedView>;

/** Renders as a page would. @throws ApiError 422 naming each missing variable, or what else is in the way. */
export function renderOrRefuse(
  content: InlineContent,
  channel: ChannelName,
  data: Record<string, unknown>,
  reader: Reader,
): RenderedView {
  const result = renderMessage(content, channel, data, reader);
  if (result.kind === 'rendered') {
    const edition = editionOf(content, channel, reader.locale);
    const scope = scopeOf(data, reader.attributes);
    const missing = edition ? missingVariables(plainVariablesOf(edition), scope) : [];
    return { channel, ...result.message, missing };
  }
  switch (result.reason) {
    case 'missing-variable':
      throw invalidRequest(result.missing.map(missingVariable), 'render.failed');
    case 'no-content': {
      const reason = `the template has nothing to say on ${channel} in this or its default locale`;
      throw channelRefused('template.unusable', reason);
    }
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

/** The channel that was asked for, or the only one that there is. @throws ApiError 422 when that leaves a choice. */
export function channelToRender(
  { contents }: InlineContent,
  asked: ChannelName | null | undefined,
): ChannelName {
  if (asked) return asked;
  const [only, ...others] = CHANNEL_NAMES.filter((name) => contents[name]);
  if (only !== undefined && others.length === 0) return only;
  throw channelRefused('field.required', `is required: one of ${[only, ...others].join(', ')}`);
}

function channelRefused(code: FieldErrorCode, reason: string): ApiError {
  return invalidRequest([{ pointer: '/channel', code, message: `channel: ${reason}` }]);
}

function missingVariable(name: string): FieldError {
  const pointer = name.split('.').reduce<string>((at, part) => pointTo(at, part), '/data');
  const message = `data.${name}: is required by the template; give it in data or as an attribute of the recipient`;
  return { pointer, code: 'variable.missing', message };
}
