export const SCOPES = ['notification:read', 'notification:write'] as const;
export type Scope = (typeof SCOPES)[number];

export const ROLES = ['ADMIN', 'MARKETER', 'ANALYST'] as const;
export type Role = (typeof ROLES)[number];

/** What a role may do at most; the scopes of a credential can narrow it and never widen it. */
export const ROLE_SCOPES: Record<Role, readonly Scope[]> = {
  ADMIN: SCOPES,
  MARKETER: SCOPES,
  ANALYST: ['notification:read'],
};

/** Who calls, as the credential says. */
export interface Principal {
  readonly tenantId: number;
  /** The tenant's default zone (semantics.md "Whose time"). */
  readonly tenantZone: string;
  /** Stands in `createdBy` and in logs: `admin`, or the id of an API key. */
  readonly actorId: string;
  readonly role: Role;
  readonly scopes: readonly Scope[];
}

export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}
