import { z } from 'zod';
import { TRANSACTIONAL } from '../../domain/caps/rule';
import type { Principal } from '../auth/principal';
import { ApiError } from '../errors/problem';

export const categorySchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,49}$/, 'must be lower-case letters, digits and "-", as in product-news')
  .default('marketing')
  .meta({ description: 'What kind of message it is; only an ADMIN may set `transactional`.' });

/** @throws ApiError 403 for `transactional`, unless an ADMIN sets it. */
export function onlyAdminMaySet(category: string, principal: Principal): void {
  if (category === TRANSACTIONAL && principal.role !== 'ADMIN') {
    throw new ApiError('auth.role-missing', 'Only an ADMIN may set category to "transactional".');
  }
}
