import { z } from 'zod';
import { newId } from '../../platform/new-id';
import { createApiKey, listApiKeys, revokeApiKey } from '../../store/api-keys';
import type { ApiKeyRecord } from '../../store/api-keys';
import { newApiKey } from '../auth/api-key';
import { isScope, ROLE_SCOPES } from '../auth/principal';
import type { Principal, Scope } from '../auth/principal';
import type { RouteDeps } from '../deps';
import { ApiError } from '../errors/problem';
import { idParameter, isId } from '../http/id';
import { listOf, listQuery, pageOf, sliceOf } from '../http/list';
import { answer, defineRoute, emptyAnswer, jsonBody } from '../http/route';
import type { Route } from '../http/route';
import { apiKeyBody, apiKeyView, createdApiKey } from './schema';

export function apiKeyRoutes({ clock }: RouteDeps): Route[] {
  const tag = 'API keys';
  return [
    defineRoute({
      method: 'post',
      path: '/v1/api-keys',
      tag,
      summary: 'Make an API key',
      description: 'Its scopes are among those of the credential that makes it.',
      access: 'admin',
      body: jsonBody(apiKeyBody, { name: 'newsletter service', role: 'MARKETER' }),
      responses: { 201: { description: 'The key, shown once.', schema: createdApiKey } },
      async handle({ body: { name, role, scopes }, principal, db }) {
        const granted = [...new Set(scopes ?? ROLE_SCOPES[role])];
        refuseWidening(granted, principal);
        const { key, hash, prefix } = newApiKey();
        const record = await createApiKey(db, principal.tenantId, {
          id: newId('key', clock()),
          name,
          role,
          scopes: granted,
          prefix,
          hash,
          createdBy: principal.actorId,
          createdAt: new Date(clock()),
        });
        return answer(201, { ...viewOf(record), key });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/api-keys',
      tag,
      summary: 'List API keys, revoked ones included',
      access: 'admin',
      query: z.strictObject(listQuery),
      responses: { 200: { description: 'Newest first.', schema: listOf(apiKeyView, 'API keys.') } },
      async handle({ query, principal, db }) {
        const stretch = await listApiKeys(db, principal.tenantId, sliceOf(query, isId('key')));
        return answer(200, pageOf(stretch, viewOf));
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/api-keys/:id',
      tag,
      summary: 'Revoke an API key at once',
      access: 'admin',
      params: idParameter('API key'),
      responses: { 204: { description: 'Revoked.' } },
      errors: ['api-key.unknown'],
      async handle({ params: { id }, principal, db }) {
        if (!(await revokeApiKey(db, principal.tenantId, id, new Date(clock())))) {
          throw new ApiError('api-key.unknown');
        }
        return emptyAnswer(204);
      },
    }),
  ];
}

/** Nobody gives away what they do not have. @throws ApiError 403. */
function refuseWidening(granted: readonly Scope[], { scopes }: Principal): void {
  const beyond = granted.filter((scope) => !scopes.includes(scope));
  if (beyond.length === 0) return;
  throw new ApiError(
    'auth.scope-missing',
    `The credential lacks ${beyond.join(' and ')} itself and cannot give it to a key: ` +
      `name only scopes among ${scopes.join(', ')}.`,
  );
}

function viewOf(key: ApiKeyRecord): z.output<typeof apiKeyView> {
  return {
    id: key.id,
    name: key.name,
    role: apiKeyView.shape.role.parse(key.role),
    scopes: key.scopes.filter(isScope),
    prefix: key.prefix,
    createdBy: key.createdBy,
    createdAt: key.createdAt.toISOString(),
    revokedAt: key.revokedAt?.toISOString() ?? null,
  };
}
