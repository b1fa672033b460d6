import type { DataConverter, PayloadCodec } from '@temporalio/common';
import { UnknownKeyError } from './crypto';
import type { KeyRing } from './crypto';
import type { Logger } from './logger';
import { createPayloadCodec } from './payload-codec';

/**
 * For every client and worker: what they give to Temporal is encrypted. Values are JSON beneath, and messages and
 * stack traces of failures stay in the clear (docs/decisions/0008-payload-encryption.md).
 */
export function createDataConverter(keyRing: KeyRing, logger: Pick<Logger, 'error'>): DataConverter {
  return { payloadCodecs: [tellingOnce(createPayloadCodec(keyRing), logger)] };
}

/** Logs a missing key once a process, however many workflows meet it and however often each is tried. */
function tellingOnce(codec: PayloadCodec, logger: Pick<Logger, 'error'>): PayloadCodec {
  const told = new Set<string>();
  return {
    encode: (payloads, context) => codec.encode(payloads, context),
    async decode(payloads, context) {
      try {
        return await codec.decode(payloads, context);
      } catch (error) {
        if (error instanceof UnknownKeyError && !told.has(error.keyId)) {
          told.add(error.keyId);
          logger.error(
            { keyId: error.keyId },
            `${error.message} Workflows that need it wait and are tried again; nothing is lost.`,
          );
        }
        throw error;
      }
    },
  };
}
