import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { EncryptionKey } from './config';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A person's own data key in the clear: kept in memory only for as long as it is used. */
export type PersonKey = Uint8Array<ArrayBuffer>;

export type Sealed = Uint8Array<ArrayBuffer>;

/** Envelope encryption: the ring wraps one key a person, that key seals the person's addresses. AES-256-GCM throughout. */
export interface KeyRing {
  /** Makes a key for a person; `wrapped` goes into `recipient_key`. */
  newPersonKey(rid: bigint): { key: PersonKey; wrapped: Sealed };
  /** @throws UnknownKeyError when the wrapping key is no longer in the ring. */
  openPersonKey(rid: bigint, wrapped: Uint8Array): PersonKey;
  /** Seals a text under a person's key; `context` (the column) must be the same to open it. */
  seal(key: PersonKey, plain: string, context: string): Sealed;
  /** @throws Error when the text was changed, or belongs to another key or context. */
  open(key: PersonKey, sealed: Uint8Array, context: string): string;
}

/** A wrapped key names a master key that SUNDIAL_ENCRYPTION_KEYS does not hold. Nothing is lost: put the key back. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';
  constructor(readonly keyId: string) {
    super(`Encryption key "${keyId}" is not in SUNDIAL_ENCRYPTION_KEYS: add it again to read what it protects.`);
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

  return {
    newPersonKey(rid) {
      const key = randomBytes(32);
      return { key, wrapped: wrap(writer, key, personContext(rid)) };
    },
    openPersonKey(rid, wrapped) {
      const { id, sealed } = unwrapHeader(wrapped);
      const master = byId.get(id);
      if (!master) throw new UnknownKeyError(id);
      return decrypt(master, sealed, personContext(rid));
    },
    seal: (key, plain, context) => encrypt(key, Buffer.from(plain, 'utf8'), context),
    open: (key, sealed, context) => decrypt(key, sealed, context).toString('utf8'),
  };
}

/** Binds a wrapped key to its person: a row copied to somebody else's does not open. */
function personContext(rid: bigint): string {
  return `recipient:${rid}`;
}

/** Layout: length of the key id, the key id, then nonce, ciphertext and tag. */
function wrap(master: EncryptionKey, plain: Uint8Array, context: string): Sealed {
  const id = Buffer.from(master.id, 'utf8');
  return Buffer.concat([Buffer.of(id.length), id, encrypt(master.key, plain, context)]);
}

function unwrapHeader(wrapped: Uint8Array): { id: string; sealed: Uint8Array } {
  const length = wrapped[0] ?? 0;
  const id = Buffer.from(wrapped.subarray(1, 1 + length)).toString('utf8');
  return { id, sealed: wrapped.subarray(1 + length) };
}

/** Layout: 12 bytes of nonce, the ciphertext, 16 bytes of tag. */
function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(context, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Buffer<ArrayBuffer> {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}
