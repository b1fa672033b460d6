import { z } from 'zod';
import type { Reader } from '../../domain/content/message';
import { newId } from '../../platform/new-id';
import { findRecipient } from '../../store/recipients';
import {
  archiveTemplate,
  changeTemplate,
  createTemplate,
  findTemplate,
  listTemplates,
  listTemplateVersions,
} from '../../store/templates';
import type { TemplateChange, TemplateContent, TemplateRecord } from '../../store/templates';
import type { RouteDeps } from '../deps';
import { ApiError, invalidRequest } from '../errors/problem';
import { acceptedVersions, etagOf, staleVersion } from '../http/etag';
import { idParameter, isId } from '../http/id';
import { listOf, listQuery, pageOf, sliceOf } from '../http/list';
import { answer, defineRoute, emptyAnswer, JSON_TYPE, jsonBody, MERGE_PATCH_TYPE } from '../http/route';
import type { Caller, Route } from '../http/route';
import { check } from '../../domain/validation/check';
import { channelToRender, renderBody, renderedView, renderOrRefuse } from './render';
import { readPatched, templateBody, templateView, viewOf } from './schema';
import { templateVersionView, viewOfVersion } from './versions';

const applied = z.strictObject({
  apply: z
    .enum(['future', 'running'])
    .default('future')
    .meta({
      description:
        '`future`: occurrences that have not begun; one that has keeps the version it opened with. `running`: also ' +
        'people of open occurrences to whom nothing was sent.',
    }),
});

export function templateRoutes({ keyRing, clock }: RouteDeps): Route[] {
  const params = idParameter('template');
  const tag = 'Templates';
  const path = '/v1/templates/:id';
  const etagHeader = { ETag: 'Version of the template.' };
  const found = { description: 'The template.', schema: templateView, headers: etagHeader };
  const now = (): Date => new Date(clock());

  async function change(
    call: Caller & { ifMatch: string | undefined; query: z.output<typeof applied> },
    id: string,
    next: (current: TemplateRecord) => TemplateContent,
  ): Promise<TemplateRecord> {
    const { archivedAt } = await existing(call, id);
    if (archivedAt) throw new ApiError('template.unknown', 'The template is archived.');
    const accepts = acceptedVersions(call.ifMatch);
    const { tenantId, actorId } = call.principal;
    const { apply } = call.query;
    return changed(await changeTemplate(call.db, tenantId, id, accepts, next, apply, actorId, now()));
  }

  return [
    defineRoute({
      method: 'post',
      path: '/v1/templates',
      tag,
      summary: 'Create a template',
      access: 'notification:write',
      body: templateBody,
      responses: {
        201: {
          description: 'Created.',
          schema: templateView,
          headers: { ...etagHeader, Location: 'Path of the template.' },
        },
      },
      errors: ['auth.role-missing'],
      async handle({ body, principal: { tenantId, actorId }, db }) {
        const at = now();
        const id = newId('tpl', at.getTime());
        const template = await createTemplate(db, tenantId, id, body, actorId, at);
        const headers = { Location: `/v1/templates/${id}`, ETag: etagOf(template.version) };
        return answer(201, viewOf(template), headers);
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/templates',
      tag,
      summary: 'List templates',
      access: 'notification:read',
      query: z.strictObject(listQuery),
      responses: {
        200: {
          description: 'Newest first, without archived ones.',
          schema: listOf(templateView, 'Templates.'),
        },
      },
      async handle({ query, principal, db }) {
        const stretch = await listTemplates(db, principal.tenantId, sliceOf(query, isId('tpl')));
        return answer(200, pageOf(stretch, viewOf));
      },
    }),
    defineRoute({
      method: 'get',
      path,
      tag,
      summary: 'Read a template',
      access: 'notification:read',
      params,
      responses: { 200: found },
      errors: ['template.unknown'],
      async handle({ params: { id }, ...call }) {
        const template = await existing(call, id);
        return answer(200, viewOf(template), { ETag: etagOf(template.version) });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/templates/:id/versions',
      tag,
      summary: 'List the versions of a template',
      access: 'notification:read',
      params,
      query: z.strictObject(listQuery),
      responses: { 200: { description: 'Newest first.', schema: listOf(templateVersionView, 'Versions.') } },
      errors: ['template.unknown'],
      async handle({ params: { id }, query, ...call }) {
        await existing(call, id);
        const stretch = await listTemplateVersions(call.db, id, sliceOf(query, isVersion));
        return answer(200, pageOf(stretch, viewOfVersion));
      },
    }),
    defineRoute({
      method: 'put',
      path,
      tag,
      summary: 'Replace a template',
      access: 'notification:write',
      params,
      query: applied,
      ifMatch: true,
      body: templateBody,
      responses: { 200: found },
      errors: ['template.unknown', 'auth.role-missing'],
      async handle({ params: { id }, body, ...call }) {
        const template = await change(call, id, () => body);
        return answer(200, viewOf(template), { ETag: etagOf(template.version) });
      },
    }),
    defineRoute({
      method: 'patch',
      path,
      tag,
      summary: 'Change some of a template',
      description: 'A merge patch (RFC 7396): null removes, absent leaves as it is, lists replace.',
      access: 'notification:write',
      params,
      query: applied,
      ifMatch: true,
      body: {
        schema: z
          .record(z.string(), z.unknown())
          .meta({ id: 'TemplatePatch', description: 'A merge patch.' }),
        example: { active: false },
        mediaTypes: [JSON_TYPE, MERGE_PATCH_TYPE],
        read: (document) => check(z.record(z.string(), z.unknown()), document),
      },
      responses: { 200: found },
      errors: ['template.unknown', 'auth.role-missing'],
      async handle({ params: { id }, body: patch, ...call }) {
        const template = await change(call, id, (current) => {
          const checked = readPatched(current, patch, call.principal);
          if (checked.kind === 'refused') throw invalidRequest(checked.errors);
          return checked.value;
        });
        return answer(200, viewOf(template), { ETag: etagOf(template.version) });
      },
    }),
    defineRoute({
      method: 'delete',
      path,
      tag,
      summary: 'Archive a template',
      description:
        'It stays readable. Schedules that still use it record `failed` with the reason `template-missing`.',
      access: 'notification:write',
      params,
      responses: { 204: { description: 'Archived.' } },
      errors: ['template.unknown'],
      async handle({ params: { id }, principal, db }) {
        if (!(await archiveTemplate(db, principal.tenantId, id, now())))
          throw new ApiError('template.unknown');
        return emptyAnswer(204);
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/templates/:id/render',
      tag,
      summary: 'Render a template as a recipient would get it',
      access: 'notification:read',
      params,
      body: jsonBody(renderBody, { channel: 'email', locale: 'de', data: { first_name: 'Ada' } }),
      responses: { 200: { description: 'The message.', schema: renderedView } },
      errors: ['template.unknown', 'render.failed', 'encryption.key-missing'],
      async handle({ params: { id }, body: { channel, locale, data, recipient }, ...call }) {
        const { definition } = await existing(call, id);
        const reader = recipient ? await readerOf(call, recipient) : NOBODY;
        const view = renderOrRefuse(definition, channelToRender(definition, channel), data, {
          ...reader,
          locale: locale ?? reader.locale,
        });
        return answer(200, view);
      },
    }),
  ];

  async function readerOf({ db, principal }: Caller, id: string): Promise<Reader> {
    const person = await findRecipient(db, keyRing, principal.tenantId, id);
    if (person) return person;
    const message = 'recipient: no recipient has this id';
    throw invalidRequest([{ pointer: '/recipient', code: 'reference.unknown', message }]);
  }
}

/** Archived ones included. */
async function existing({ db, principal }: Caller, id: string): Promise<TemplateRecord> {
  const template = await findTemplate(db, principal.tenantId, id);
  if (!template) throw new ApiError('template.unknown');
  return template;
}

const isVersion = (key: string): boolean => /^\d{1,9}$/.test(key);

const NOBODY: Reader = { locale: null, attributes: {} };

function changed(change: TemplateChange): TemplateRecord {
  switch (change.kind) {
    case 'changed':
      return change.record;
    case 'stale':
      throw staleVersion(change.version);
    case 'unknown':
      throw new ApiError('template.unknown');
  }
}
