import { z } from 'zod';
import { HOUR } from '../../domain/time/instant';
import type { KeyRing } from '../../platform/crypto';
import type { Queries } from '../../store/database';
import { findAnswer, hashOfRecipient, holdKey, idOfKey, keepAnswer } from '../../store/idempotency';
import { inTransaction, joining } from '../../store/transaction';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors/problem';
import type { Incoming, Reply, Route } from '../http/route';
import { fingerprintOf } from './fingerprint';

/** contract.md: an answer is replayed for a day. */
const KEPT_MS = 24 * HOUR;

export const REPLAYED_HEADER = 'Idempotency-Replayed';

const keptReply = z.object({
  fingerprint: z.string(),
  status: z.int(),
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()),
});

export type Once = (
  route: Route,
  key: string,
  incoming: Omit<Incoming, 'db'>,
  run: (db: Queries) => Promise<Reply>,
) => Promise<Reply>;

/**
 * Does a write once for each key: what it writes, its commands to workflows and its answer are one transaction, which
 * holds the key. A process that dies in between has done nothing and holds nothing. Only what was done is kept: a
 * refusal changed nothing, and asking again may well be answered otherwise.
 */
export function createOnce({ db, keyRing, clock }: Pick<ApiDeps, 'db' | 'keyRing' | 'clock'>): Once {
  return async (route, key, incoming, run) => {
    const { tenantId, actorId } = incoming.principal;
    const id = idOfKey({ tenantId, actorId, key });
    const context = `idempotency:${id.toString('hex')}`;
    const fingerprint = fingerprintOf(route, incoming);
    const now = clock();
    return inTransaction(db, async (client) => {
      if (!(await holdKey(client, id))) {
        throw new ApiError('idempotency.in-progress', undefined, [], { 'Retry-After': '1' });
      }
      const found = await findAnswer(client, id, new Date(now));
      if (found) {
        const kept = keptReply.parse(JSON.parse(textOf(keyRing.openByRing(found, context))));
        if (kept.fingerprint !== fingerprint) throw new ApiError('idempotency.mismatch');
        const { status, body, headers } = kept;
        return { status, body, headers: { ...headers, [REPLAYED_HEADER]: 'true' } };
      }
      const reply = await run(joining(client));
      await keepAnswer(client, {
        id,
        tenantId,
        recipient: aboutWhom(route, tenantId, incoming.params, reply.body),
        answer: sealReply(keyRing, { fingerprint, headers: {}, ...reply }, context),
        expiresAt: new Date(now + KEPT_MS),
      });
      return reply;
    });
  };
}

function sealReply(keyRing: KeyRing, kept: z.input<typeof keptReply>, context: string) {
  return keyRing.sealByRing(Buffer.from(JSON.stringify(kept), 'utf8'), context);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

const named = z.object({ id: z.string() });
const told = z.object({ recipient: z.string() });

function aboutWhom(
  { aboutRecipient }: Route,
  tenantId: number,
  params: unknown,
  answered: unknown,
): Buffer | null {
  if (aboutRecipient === undefined) return null;
  switch (aboutRecipient) {
    case 'in-path':
      return hashOfRecipient(tenantId, named.parse(params).id);
    case 'in-answer':
      return hashOfRecipient(tenantId, told.parse(answered).recipient);
  }
}
