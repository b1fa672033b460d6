import type { Instant } from '../../domain/time/instant';

/** Each shard of a tenant is one slot of a Redis Cluster. */
export const CAP_SHARDS = 16;

/**
 * People whose row ids stand side by side share a shard, because a page does: then it takes one call or two. Small
 * enough that the pages of a campaign, a thousand people each, spread over the shards.
 */
const STRIPE = 1_024n;

/**
 * People of one hash. Up to 128 fields of 64 bytes Redis keeps a hash as one packed list (its defaults), which needs
 * a fifth of the memory of a key a person.
 */
const BUCKET = 64n;

/** Where Redis keeps a person's places. */
export interface PlaceAddress {
  readonly shard: number;
  readonly bucket: string;
  readonly field: string;
}

/** @param rid row id as a decimal string. */
export function addressOf(rid: string): PlaceAddress {
  const number = BigInt(rid);
  return {
    shard: Number((number / STRIPE) % BigInt(CAP_SHARDS)),
    bucket: (number / BUCKET).toString(36),
    field: (number % BUCKET).toString(36),
  };
}

/** The key that says whether a shard is counted; what is in braces places all keys of the shard in one slot. */
export function markerKey(tenantId: number, shard: number, epoch: string): string {
  return `{cap:${tenantId}:${shard}}:${epoch}`;
}

/** The hash of a bucket: a field a person, as scripts.ts says. */
export function bucketKey(marker: string, bucket: string): string {
  return `${marker}:${bucket}`;
}

/** What a message is known by, so that a page that runs again takes no second place. */
export interface PlaceId {
  /** Row id as a decimal string. */
  readonly occurrenceId: string;
  /** Step of a drip; empty for a plain schedule. */
  readonly step: string;
}

export function placeIdText({ occurrenceId, step }: PlaceId): string {
  const occurrence = BigInt(occurrenceId).toString(36);
  return step === '' ? occurrence : `${occurrence}~${step}`;
}

export function stampText(due: Instant): string {
  return due.toString(36);
}
