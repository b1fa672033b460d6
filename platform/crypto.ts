import { decrypt, encrypt } from './aes-gcm';
import type { Sealed } from './aes-gcm';
import type { EncryptionKey } from './config';
import { unguessableBytes } from './random-bytes';

/** A person's own data key in the clear: kept in memory only for as long as it is used. */
export type PersonKey = Uint8Array<ArrayBuffer>;

/** A tenant's key for hashes of addresses, in the clear; likewise. */
export type AddressKey = Uint8Array<ArrayBuffer>;

/** What a key of the ring sealed itself, and which one it was. */
export interface RingSealed {
  readonly keyId: string;
  readonly sealed: Uint8Array;
}

/**
 * Envelope encryption: the ring wraps one key a person, that key seals the person's addresses, and one key a tenant,
 * under which addresses are hashed. What belongs to nobody
 * (payloads of workflows) is sealed by the ring itself. AES-256-GCM throughout.
 */
export interface KeyRing {
  /** Makes a key for a person; `wrapped` goes into `recipient_key`. */
  newPersonKey(rid: bigint): { key: PersonKey; wrapped: Sealed };
  /** @throws UnknownKeyError when the wrapping key is no longer in the ring. */
  openPersonKey(rid: bigint, wrapped: Uint8Array): PersonKey;
  /** Seals a text under a person's key; `context` (the column) must be the same to open it. */
  seal(key: PersonKey, plain: string, context: string): Sealed;
  /** @throws Error when the text was changed, or belongs to another key or context. */
  open(key: PersonKey, sealed: Uint8Array, context: string): string;
  /** Makes the key under which a tenant's addresses are hashed; `wrapped` goes into `address_key`. */
  newAddressKey(tenantId: number): { key: AddressKey; wrapped: Sealed };
  /** @throws UnknownKeyError when the wrapping key is no longer in the ring. */
  openAddressKey(tenantId: number, wrapped: Uint8Array): AddressKey;
  /** Seals bytes under the key that writes. */
  sealByRing(plain: Uint8Array, context: string): RingSealed;
  /**
   * @throws UnknownKeyError when that key is no longer in the ring.
   * @throws Error when the bytes were changed, or belong to another key or context.
   */
  openByRing(sealed: RingSealed, context: string): Uint8Array;
}

/** Something was sealed by a key that SUNDIAL_ENCRYPTION_KEYS does not hold. Nothing is lost: put the key back. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';
  constructor(readonly keyId: string) {
    super(
      `Encryption key "${keyId}" is not in SUNDIAL_ENCRYPTION_KEYS: add it again to read what it protects.`,
    );
  }
}

/**
 * @param keys at least one; the first writes, all read, so that a new key is put in front and an old one
 *   is taken out once nothing is wrapped by it any more.
 */
export function createKeyRing(keys: readonly EncryptionKey[]): KeyRing {
  const [writer] = keys;
  if (!writer) throw new RangeError('A key ring needs at least one key.');
  const byId = new Map(keys.map((entry) => [entry.id, entry.key]));

  const sealByRing = (plain: Uint8Array, context: string): RingSealed => ({
    keyId: writer.id,
    sealed: encrypt(writer.key, plain, context),
  });
  const openByRing = ({ keyId, sealed }: RingSealed, context: string): PersonKey => {
    const master = byId.get(keyId);
    if (!master) throw new UnknownKeyError(keyId);
    return decrypt(master, sealed, context);
  };

  const newWrappedKey = (context: string): { key: Uint8Array<ArrayBuffer>; wrapped: Sealed } => {
    const key = unguessableBytes(32);
    return { key, wrapped: withHeader(sealByRing(key, context)) };
  };

  return {
    newPersonKey: (rid) => newWrappedKey(personContext(rid)),
    openPersonKey: (rid, wrapped) => openByRing(splitHeader(wrapped), personContext(rid)),
    newAddressKey: (tenantId) => newWrappedKey(addressContext(tenantId)),
    openAddressKey: (tenantId, wrapped) => openByRing(splitHeader(wrapped), addressContext(tenantId)),
    seal: (key, plain, context) => encrypt(key, Buffer.from(plain, 'utf8'), context),
    open: (key, sealed, context) => decrypt(key, sealed, context).toString('utf8'),
    sealByRing,
    openByRing,
  };
}

/** Binds a wrapped key to its person: a row copied to somebody else's does not open. */
function personContext(rid: bigint): string {
  return `recipient:${rid}`;
}

/** Likewise to its tenant. */
function addressContext(tenantId: number): string {
  return `addresses of tenant:${tenantId}`;
}

/** Layout: length of the key id, the key id, then what it sealed. */
function withHeader({ keyId, sealed }: RingSealed): Sealed {
  const id = Buffer.from(keyId, 'utf8');
  return Buffer.concat([Buffer.of(id.length), id, sealed]);
}

function splitHeader(wrapped: Uint8Array): RingSealed {
  const length = wrapped[0] ?? 0;
  const keyId = Buffer.from(wrapped.subarray(1, 1 + length)).toString('utf8');
  return { keyId, sealed: wrapped.subarray(1 + length) };
}
