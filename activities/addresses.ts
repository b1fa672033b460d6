import { addressFieldOf, canonicalAddress, namesPeopleByOwnId } from '../domain/recipient/address';
import type { ChannelName } from '../domain/delivery/channel';
import { addressHash, addressKeyWithin } from '../platform/address-hash';
import type { AddressHash } from '../platform/address-hash';
import { UnknownKeyError } from '../platform/crypto';
import type { AddressKey, KeyRing } from '../platform/crypto';
import type { PersonRow } from '../store/audience';
import type { LedgerKey } from '../store/ledger-key';

/** Where a person is written to on a channel. */
export type Address =
  | { readonly kind: 'address'; readonly text: string; readonly hash: AddressHash; readonly claimKey: string }
  /** The customer's own id of the person, for a channel whose other side knows them by it. */
  | { readonly kind: 'own-id'; readonly text: string }
  /** The channel needs none. */
  | { readonly kind: 'none' }
  /** The person has none for the channel. */
  | { readonly kind: 'missing' }
  /** The person's key was destroyed: what it sealed is nobody's address any more. */
  | { readonly kind: 'erased' }
  /** The ring lacks the key that wrapped the person's: it can be put back, so nobody fails for it. */
  | { readonly kind: 'unreadable'; readonly error: UnknownKeyError }
  /** This one person's address cannot be opened by their own key, which holds up nobody else. */
  | { readonly kind: 'damaged' };

/** What a person's address is claimed by; null for who has none, or none that can be read. */
export function claimKeyOf(address: Address): string | null {
  return address.kind === 'address' ? address.claimKey : null;
}

const NONE: Address = { kind: 'none' };

/** Opens the addresses of people, each once, and keeps them for as long as somebody holds the person's row. */
export interface Addresses {
  of(person: PersonRow, channel: ChannelName): Address;
}

/**
 * @param addressKey that of the tenant; null where no channel needs addresses.
 * @param within the occurrence and step in which an address gets one message.
 */
export function createAddresses(
  keyRing: KeyRing,
  addressKey: AddressKey | null,
  within: LedgerKey,
): Addresses {
  const opened = { email: new WeakMap<PersonRow, Address>(), phone: new WeakMap<PersonRow, Address>() };

  function open(person: PersonRow, field: 'email' | 'phone'): Address {
    if (addressKey === null) return NONE;
    const sealed = person[field];
    if (sealed === null) return { kind: 'missing' };
    if (person.wrapped === null) return { kind: 'erased' };
    try {
      const key = keyRing.openPersonKey(BigInt(person.rid), person.wrapped);
      const text = keyRing.open(key, sealed, field);
      const canonical = canonicalAddress(text);
      return {
        kind: 'address',
        text,
        hash: addressHash(addressKey, canonical),
        claimKey: addressKeyWithin(addressKey, within, canonical),
      };
    } catch (error) {
      return error instanceof UnknownKeyError ? { kind: 'unreadable', error } : { kind: 'damaged' };
    }
  }

  return {
    of(person, channel) {
      if (namesPeopleByOwnId(channel)) {
        return person.externalId === null ? { kind: 'erased' } : { kind: 'own-id', text: person.externalId };
      }
      const field = addressFieldOf(channel);
      if (field === null) return NONE;
      const known = opened[field].get(person);
      if (known) return known;
      const address = open(person, field);
      opened[field].set(person, address);
      return address;
    },
  };
}
