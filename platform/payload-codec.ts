import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { UnknownKeyError } from './crypto';
import type { KeyRing } from './crypto';

const ENCRYPTED = 'binary/encrypted';
/** In the clear beside the ciphertext: tells which key of the ring opens it. */
const KEY_ID = 'encryption-key-id';

/**
 * Keeps what the ring seals for other purposes (the keys of people) from being passed off as a payload, which the
 * codec server would open for whoever shows it one.
 */
const CONTEXT = 'temporal payload';

/** An encrypted payload that no key will open, because it is damaged or was never ours. */
export class UnreadablePayloadError extends Error {
  override readonly name = 'UnreadablePayloadError';
}

const wire = temporal.api.common.v1.Payload;

/**
 * Encrypts every payload on its way to Temporal under the first key of the ring and opens those of all its keys. What
 * is not encrypted passes as it is, so that histories from before stay readable.
 *
 * Decoding throws UnknownKeyError when a key is missing: the worker then fails the workflow task (or the try of the
 * activity), which the server repeats until the key is back.
 */
export function createPayloadCodec(keyRing: Pick<KeyRing, 'sealByRing' | 'openByRing'>): PayloadCodec {
  return {
    encode: async (payloads) => payloads.map((payload) => encodeOne(keyRing, payload)),
    decode: async (payloads) => payloads.map((payload) => decodeOne(keyRing, payload)),
  };
}

function encodeOne(keyRing: Pick<KeyRing, 'sealByRing'>, payload: Payload): Payload {
  const { keyId, sealed } = keyRing.sealByRing(wire.encode(payload).finish(), CONTEXT);
  return {
    metadata: { encoding: Buffer.from(ENCRYPTED, 'utf8'), [KEY_ID]: Buffer.from(keyId, 'utf8') },
    data: sealed,
  };
}

function decodeOne(keyRing: Pick<KeyRing, 'openByRing'>, payload: Payload): Payload {
  if (metadata(payload, 'encoding') !== ENCRYPTED) return payload;
  const keyId = metadata(payload, KEY_ID);
  if (keyId === '') {
    throw new UnreadablePayloadError(
      'An encrypted payload names no key: something other than Sundial wrote it.',
    );
  }
  return wire.decode(open(keyRing, keyId, payload.data ?? new Uint8Array()));
}

function open(keyRing: Pick<KeyRing, 'openByRing'>, keyId: string, sealed: Uint8Array): Uint8Array {
  try {
    return keyRing.openByRing({ keyId, sealed }, CONTEXT);
  } catch (error) {
    if (error instanceof UnknownKeyError) throw error;
    throw new UnreadablePayloadError(
      `A payload does not open under key "${keyId}": either it was changed, or another key now has that id.`,
      { cause: error },
    );
  }
}

function metadata(payload: Payload, name: string): string {
  return Buffer.from(payload.metadata?.[name] ?? []).toString('utf8');
}
