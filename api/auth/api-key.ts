import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'sk_';
/** Enough to tell two keys of one tenant apart, far too little to guess the rest. */
const SHOWN = PREFIX.length + 6;

export interface FreshKey {
  /** Shown once and never kept. */
  readonly key: string;
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly prefix: string;
}

export function newApiKey(): FreshKey {
  const key = PREFIX + randomBytes(32).toString('base64url');
  return { key, hash: hashOf(key), prefix: key.slice(0, SHOWN) };
}

/** SHA-256 without salt or stretching: the key is 256 random bits, so that nothing can be guessed from it. */
export function hashOf(key: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(key, 'utf8').digest());
}

export function looksLikeApiKey(text: string): boolean {
  return text.startsWith(PREFIX);
}
