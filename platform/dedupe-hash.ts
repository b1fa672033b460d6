import { createHmac } from 'node:crypto';
import type { AddressKey } from './crypto';

/** What stands for the key that a sender gave a message, which may name somebody: 128 bits of an HMAC under the tenant's key, as a UUID. */
export function dedupeHash(key: AddressKey, dedupeKey: string): string {
  const mac = createHmac('sha256', key).update('dedupe\n').update(dedupeKey);
  return mac.digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
