import type { z } from 'zod';
import { messageIdOf } from '../../domain/messages/message-id';
import type { KeyRing } from '../../platform/crypto';
import type { MessageRecord } from '../../store/messages/find';
import { openWords } from '../../store/messages/sealing';
import type { OwnWords } from '../../store/messages/sealing';
import { viewOfContent } from '../content/inline';
import type { messageView } from './schema';

export type MessageView = z.input<typeof messageView>;

/** A message as it is answered. @throws UnknownKeyError when the key of its words is no longer in the ring. */
export function viewOfMessage(keyRing: KeyRing, record: MessageRecord): MessageView {
  return viewWith(record, openWords(keyRing, record, record.uuid, record.sealed));
}

/** The same where its words are known. */
export function viewWith(record: MessageRecord, { content, data }: OwnWords): MessageView {
  const { channel, status, due, settledAt, waiting } = record;
  return {
    id: messageIdOf(record.uuid),
    recipient: record.recipient,
    channel,
    templateId: record.templateId,
    content: content && channel ? viewOfContent(content, channel) : null,
    data: { ...data },
    category: record.category,
    priority: waiting?.priority ?? null,
    status,
    reason: record.reason,
    dueAt: due.toISOString(),
    sendLocal: waiting?.wallTime ?? null,
    timeZone: record.zone,
    timeZoneSource: record.zoneSource,
    locale: record.locale,
    expiresAt: waiting?.expiresAt.toISOString() ?? null,
    attempts: record.attempts,
    createdAt: waiting?.createdAt.toISOString() ?? null,
    settledAt: settledAt?.toISOString() ?? null,
    latenessMs: status === 'sent' && settledAt ? settledAt.getTime() - due.getTime() : null,
  };
}
