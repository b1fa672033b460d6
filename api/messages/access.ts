import { uuidOfMessageId } from '../../domain/messages/message-id';
import { findMessage } from '../../store/messages/find';
import type { MessageRecord } from '../../store/messages/find';
import { ApiError } from '../errors/problem';
import { idParameter } from '../http/id';
import type { Caller } from '../http/route';

export const messageParams = idParameter('message');

/** @throws ApiError 404 when the tenant has no such message, or it has been forgotten. */
export async function existing({ db, principal }: Caller, id: string): Promise<MessageRecord> {
  const uuid = uuidOfMessageId(id);
  const found = uuid === null ? null : await findMessage(db, principal.tenantId, uuid);
  if (!found) throw new ApiError('message.unknown');
  return found;
}
