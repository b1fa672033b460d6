import { createHmac } from 'node:crypto';
import type { AddressKey } from './crypto';

/** What stands for an address where the address itself must not: HMAC-SHA-256 under the tenant's key. */
export type AddressHash = Buffer;

/** @param address in its canonical spelling; the hash is the same on every channel. */
export function addressHash(key: AddressKey, address: string): AddressHash {
  return createHmac('sha256', key).update('address\n').update(address).digest();
}

/**
 * What an address is known by within one occurrence and step, where it gets one message: 128 bits, written as a
 * UUID. It has nothing in common with that of another occurrence, nor with the hash above.
 */
export function addressKeyWithin(
  key: AddressKey,
  { occurrenceId, step }: { readonly occurrenceId: string; readonly step: string },
  address: string,
): string {
  const mac = createHmac('sha256', key).update(`occurrence\n${occurrenceId}\n${step}\n`).update(address);
  return mac.digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
