import { timingSafeEqual } from 'node:crypto';
import { credentialsByHash } from '../../store/api-keys';
import type { Credential } from '../../store/api-keys';
import type { Database } from '../../store/database';
import { DEFAULT_TENANT, tenantByName } from '../../store/tenants';
import { isDatabaseUnavailable } from '../../store/unavailable';
import { ApiError } from '../errors/problem';
import type { ErrorCode } from '../errors/codes';
import { gather } from '../gather';
import { hashOf, looksLikeApiKey } from './api-key';
import { isRole, isScope, ROLE_SCOPES } from './principal';
import type { Principal, Scope } from './principal';

/** What a route asks of whoever calls it. */
export type Access = 'public' | 'admin' | Scope;

export type Authenticate = (authorization: string | undefined) => Promise<Principal>;

/** How many callers share a look-up at most. */
const MOST_TOGETHER = 1_000;

/**
 * Tells who calls by the `Authorization` header; throws ApiError 401 when it tells nobody. Nothing is remembered: a key
 * that was revoked is refused by the next request. Those that come in the same moment share a look-up.
 */
export function createAuthenticate(db: Database, adminKey: string): Authenticate {
  const adminHash = hashOf(adminKey);
  const together = { most: MOST_TOGETHER, sharedFate: isDatabaseUnavailable };
  const findCredential = gather<Uint8Array<ArrayBuffer>, { key: Credential | null }>(
    async (hashes) => (await credentialsByHash(db, hashes)).map((key) => ({ key })),
    together,
  );
  const admin = gather<null, Principal>(async (callers) => {
    const principal = await adminOf(db);
    return callers.map(() => principal);
  }, together);
  return async (authorization) => {
    if (authorization === undefined) throw unauthorized('auth.missing');
    const token = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
    if (token === undefined) throw unauthorized('auth.invalid', 'The credential must be `Bearer <API key>`.');
    const hash = hashOf(token);
    if (timingSafeEqual(hash, adminHash)) return admin(null);
    if (!looksLikeApiKey(token))
      throw unauthorized(looksLikeJwt(token) ? 'auth.jwt-not-built' : 'auth.invalid');
    const { key } = await findCredential(hash);
    if (!key || !isRole(key.role)) throw unauthorized('auth.invalid');
    const allowed = ROLE_SCOPES[key.role];
    return {
      tenantId: key.tenantId,
      tenantZone: key.tenantZone,
      actorId: key.id,
      role: key.role,
      scopes: key.scopes.filter(isScope).filter((scope) => allowed.includes(scope)),
    };
  };
}

/** What of a route decides who may use it. */
export interface Guarded {
  readonly access: Access;
  readonly method: string;
}

/** Throws ApiError 403 when the caller may not use the route. */
export function authorize(principal: Principal, { access, method }: Guarded): void {
  switch (access) {
    case 'public':
      return;
    case 'admin':
      if (principal.role !== 'ADMIN') throw new ApiError('auth.role-missing');
      // Scopes narrow administrators too: otherwise a key that may only read could make itself one that writes.
      demandScope(principal, method === 'get' ? 'notification:read' : 'notification:write');
      return;
    case 'notification:read':
    case 'notification:write':
      demandScope(principal, access);
  }
}

function demandScope({ scopes }: Principal, scope: Scope): void {
  if (scopes.includes(scope)) return;
  throw new ApiError(
    'auth.scope-missing',
    `This route needs the scope ${scope}, which the credential lacks.`,
  );
}

async function adminOf(db: Database): Promise<Principal> {
  const tenant = await tenantByName(db, DEFAULT_TENANT);
  if (!tenant) throw new Error('The default tenant is missing: migrate the database.');
  return {
    tenantId: tenant.id,
    tenantZone: tenant.defaultTimeZone,
    actorId: 'admin',
    role: 'ADMIN',
    scopes: ROLE_SCOPES.ADMIN,
  };
}

function unauthorized(code: ErrorCode, detail?: string): ApiError {
  return new ApiError(code, detail, [], { 'WWW-Authenticate': 'Bearer realm="sundial"' });
}

/** Three parts of base64url, the first an object in JSON: its first two characters are `{"`. */
function looksLikeJwt(token: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(token);
}
