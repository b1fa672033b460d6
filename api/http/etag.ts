import { ApiError } from '../errors/problem';

/** contract.md: the version of the configuration, and nothing else, makes the ETag. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that a change is based on. `*` stands for whatever is current (RFC 9110 section 13.1.1).
 * @throws ApiError 428 without `If-Match`, 412 for a tag that no version can have.
 */
export function expectedVersion(ifMatch: string | undefined, current: number): number {
  if (ifMatch === undefined) throw new ApiError('version.required');
  if (ifMatch.trim() === '*') return current;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (tags.includes(etagOf(current))) return current;
  throw staleVersion(current);
}

export function staleVersion(current: number): ApiError {
  return new ApiError('version.stale', `The current version is ${current}; \`If-Match\` names another.`);
}
