import { messageDay, messageUuid } from '../../domain/messages/message-id';
import type { Instant } from '../../domain/time/instant';
import { formatWallTime } from '../../domain/time/wall-time';
import type { FieldError } from '../../domain/field-error';
import { dedupeHash } from '../../platform/dedupe-hash';
import { unguessableBytes } from '../../platform/random-bytes';
import { addressKeyOf } from '../../store/address-keys';
import type { Queries } from '../../store/database';
import { acceptMessages } from '../../store/messages/accept';
import type { NewMessage } from '../../store/messages/accept';
import type { MessageRecord } from '../../store/messages/find';
import { sealWords } from '../../store/messages/sealing';
import type { RouteDeps } from '../deps';
import type { JudgedMessage } from './judge';
import { inTurns } from './judgement';
import type { JudgeAll, Submission } from './judgement';
import type { WantedMessage } from './read';

export type Acceptance =
  | { readonly kind: 'accepted'; readonly record: MessageRecord }
  /** The key of another message: nothing was accepted. */
  | { readonly kind: 'known'; readonly uuid: string }
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[] };

/** Judges messages and accepts those that may be, all in one statement; what became of each in their order. */
export type Accept = (db: Queries, submissions: readonly Submission[]) => Promise<Acceptance[]>;

export function createAccept(
  { containers, keyRing, clock }: Pick<RouteDeps, 'containers' | 'keyRing' | 'clock'>,
  judgeAll: JudgeAll,
): Accept {
  /** The hashes of the keys that senders gave, by tenant and key. */
  async function hashes(db: Queries, submissions: readonly Submission[]) {
    const tenants = new Set(
      submissions.flatMap(({ principal, wanted }) => (wanted.dedupeKey === null ? [] : principal.tenantId)),
    );
    const keys = new Map<number, Uint8Array<ArrayBuffer>>();
    for (const tenantId of tenants) keys.set(tenantId, await addressKeyOf(db, keyRing, tenantId));
    return ({ principal, wanted }: Submission): string | null => {
      const key = keys.get(principal.tenantId);
      return wanted.dedupeKey === null || !key ? null : dedupeHash(key, wanted.dedupeKey);
    };
  }

  function draftOf(
    submission: Submission,
    judged: JudgedMessage,
    keyHash: string | null,
  ): Omit<NewMessage, 'containerId'> {
    const { wanted, person, due } = judged;
    const { rid, wrapped, zoneSource } = person;
    if (wrapped === null) throw new Error('Somebody who was not erased has no key.');
    const { tenantId } = submission.principal;
    const uuid = messageUuid(due.at, unguessableBytes(10));
    return {
      uuid,
      tenantId,
      rid,
      channel: wanted.channel,
      priority: wanted.priority,
      templateId: wanted.templateId,
      due: due.at,
      wallTime: due.wall === null ? null : formatWallTime(due.wall),
      zone: judged.zone,
      zoneSource,
      expiresAt: judged.expiresAt,
      sealed: sealWords(keyRing, { rid, wrapped }, uuid, wanted),
      keyHash,
    };
  }

  return async (db, submissions) => {
    const now = clock();
    const judged = await judgeAll(db, submissions, now);
    const hashOf = await hashes(db, submissions);
    const drafts = await inTurns(submissions, (submission, index) => {
      const verdict = judged[index];
      return verdict?.kind === 'ok' ? draftOf(submission, verdict.value, hashOf(submission)) : null;
    });
    const containerIds = await containers.idsOf(
      db,
      submissions.flatMap(({ wanted: { category } }, index) => {
        const draft = drafts[index];
        return draft ? [{ tenantId: draft.tenantId, day: messageDay(draft.uuid), category }] : [];
      }),
    );
    const fresh = drafts
      .filter((draft) => draft !== null)
      .map((draft, index): NewMessage => ({ ...draft, containerId: containerIds[index] ?? nothing() }));
    const rowOf = new Map(fresh.map((row) => [row.uuid, row]));
    const holders = fresh.length === 0 ? [] : await acceptMessages(db, fresh, now);
    const holderOf = new Map(fresh.map(({ uuid }, index) => [uuid, holders[index]]));
    return submissions.map(({ wanted }, index): Acceptance => {
      const verdict = judged[index];
      const row = rowOf.get(drafts[index]?.uuid ?? '');
      if (verdict?.kind === 'refused') return verdict;
      const holder = row ? holderOf.get(row.uuid) : undefined;
      if (!row || holder === undefined) return nothing();
      return holder === row.uuid
        ? { kind: 'accepted', record: recordOf(row, wanted, now) }
        : { kind: 'known', uuid: holder };
    });
  };
}

function nothing(): never {
  throw new Error('Nothing became of a message.');
}

/** A message as it was just accepted. */
function recordOf(row: NewMessage, { recipient, category }: WantedMessage, now: Instant): MessageRecord {
  const { uuid, rid, channel, templateId, zone, zoneSource } = row;
  return {
    uuid,
    rid,
    recipient,
    channel,
    templateId,
    category,
    status: 'pending',
    reason: null,
    due: new Date(row.due),
    zone,
    zoneSource,
    attempts: 0,
    waiting: {
      priority: row.priority,
      wallTime: row.wallTime,
      expiresAt: new Date(row.expiresAt),
      createdAt: new Date(now),
      version: 1,
    },
    locale: null,
    settledAt: null,
    sealed: row.sealed,
    wrapped: null,
  };
}
