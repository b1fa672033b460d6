import { ApiError } from '../errors/problem';

/** Visible ASCII and spaces within, as a header can carry it. */
const SHAPE = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

export const KEY_PATTERN = SHAPE.source;

/** @throws ApiError 400 when there is one that is no key. */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined || SHAPE.test(header)) return header;
  throw new ApiError('idempotency.key-invalid');
}
