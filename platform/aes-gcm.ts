import { createCipheriv, createDecipheriv } from 'node:crypto';
import { unguessableBytes } from './random-bytes';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** 12 bytes of nonce, the ciphertext, 16 bytes of tag. */
export type Sealed = Uint8Array<ArrayBuffer>;

/**
 * AES-256-GCM with a random nonce, good for 2^32 seals a key (NIST SP 800-38D, 8.3).
 * @param context what the text belongs to: it is not kept, and opening needs the same one.
 */
export function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Sealed {
  const nonce = unguessableBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(context, 'utf8'));
  const ciphertext = cipher.update(plain);
  // GCM is a stream cipher: nothing is left for the end but the tag, which has its full length by default.
  cipher.final();
  return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]);
}

/** @throws Error when the text was changed or cut, or belongs to another key or context. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Buffer<ArrayBuffer> {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}
