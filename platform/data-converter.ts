import { ApplicationFailure } from '@temporalio/common';
import type { DataConverter, PayloadCodec } from '@temporalio/common';
import { UnknownKeyError } from './crypto';
import type { KeyRing } from './crypto';
import { createPayloadCodec } from './payload-codec';

/** What is needed of a logger. */
export interface ErrorLog {
  error(fields: { keyId: string }, message: string): void;
}

/**
 * For every client and worker: what they give to Temporal is encrypted. Values are JSON beneath, and messages and
 * stack traces of failures stay in the clear (docs/decisions/0007-payload-encryption.md).
 */
export function createDataConverter(keyRing: KeyRing, log: ErrorLog): DataConverter {
  return { payloadCodecs: [tellingOnce(createPayloadCodec(keyRing), log)] };
}

/** Whether this came of a missing key, also after the SDK made the failure of an activity of it. */
export function isMissingKey(error: unknown): boolean {
  return (
    error instanceof UnknownKeyError ||
    (error instanceof ApplicationFailure && error.type === UnknownKeyError.name)
  );
}

/** Logs a missing key once a process, however many workflows meet it and however often each is tried. */
function tellingOnce(codec: PayloadCodec, log: ErrorLog): PayloadCodec {
  const told = new Set<string>();
  return {
    encode: (payloads, context) => codec.encode(payloads, context),
    async decode(payloads, context) {
      try {
        return await codec.decode(payloads, context);
      } catch (error) {
        if (error instanceof UnknownKeyError && !told.has(error.keyId)) {
          told.add(error.keyId);
          log.error(
            { keyId: error.keyId },
            `${error.message} Workflows that need it wait and are tried again; nothing is lost.`,
          );
        }
        throw error;
      }
    },
  };
}
