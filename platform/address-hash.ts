import { createHmac } from 'node:crypto';
import type { AddressKey } from './crypto';

/** What stands for an address where the address itself must not: HMAC-SHA-256 under the tenant's key. */
export type AddressHash = Buffer;

/** @param address in its canonical spelling; the hash is the same on every channel. */
export function addressHash(key: AddressKey, address: string): AddressHash {
  return createHmac('sha256', key).update('address\n').update(address).digest();
}
