import { ApiError } from '../errors/problem';

/** contract.md: the version of the configuration, and nothing else, makes the ETag. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Whether a change may be based on this version. */
export type AcceptsVersion = (version: number) => boolean;

/**
 * What `If-Match` demands. `*` is content with whatever is current when the change is written, also when that is
 * newer than what was read before (RFC 9110 section 13.1.1).
 * @throws ApiError 428 without `If-Match`.
 */
export function acceptedVersions(ifMatch: string | undefined): AcceptsVersion {
  if (ifMatch === undefined) throw new ApiError('version.required');
  if (ifMatch.trim() === '*') return () => true;
  const tags = new Set(ifMatch.split(',').map((tag) => tag.trim()));
  return (version) => tags.has(etagOf(version));
}

export function staleVersion(current: number): ApiError {
  return new ApiError('version.stale', `The current version is ${current}; \`If-Match\` names another.`);
}
