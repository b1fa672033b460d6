import { z } from 'zod';
import type { InlineContent } from '../../domain/content/content';
import type { KeyRing } from '../../platform/crypto';

/** What a message says beyond its template. */
export interface OwnWords {
  readonly content: InlineContent | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Only we write it, and it was checked then. */
const stored = z.object({
  content: z.custom<InlineContent>().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});

/** Null when it says nothing of its own. @param wrapped the person's key. */
export function sealWords(
  keyRing: KeyRing,
  { rid, wrapped }: { readonly rid: string; readonly wrapped: Uint8Array },
  uuid: string,
  { content, data }: OwnWords,
): Uint8Array | null {
  const hasData = Object.keys(data).length > 0;
  if (content === null && !hasData) return null;
  const key = keyRing.openPersonKey(BigInt(rid), wrapped);
  const text = JSON.stringify({ ...(content !== null && { content }), ...(hasData && { data }) });
  return keyRing.seal(key, text, contextOf(uuid));
}

/** @param sealed null when it says nothing of its own. */
export function openWords(
  keyRing: KeyRing,
  { rid, wrapped }: { readonly rid: string; readonly wrapped: Uint8Array | null },
  uuid: string,
  sealed: Uint8Array | null,
): OwnWords {
  // Whoever was erased has no key any more, and nobody can tell what they were to be told.
  if (sealed === null || wrapped === null) return { content: null, data: {} };
  const key = keyRing.openPersonKey(BigInt(rid), wrapped);
  const { content = null, data = {} } = stored.parse(JSON.parse(keyRing.open(key, sealed, contextOf(uuid))));
  return { content, data };
}

/** Binds it to its message: what was copied to another one does not open. */
function contextOf(uuid: string): string {
  return `message:${uuid}`;
}
