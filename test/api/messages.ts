import { uuidOfMessageId } from '../../domain/messages/message-id';
import type { WrittenMessage } from '../../api/deps';
import { seedPeople } from '../people';
import { startService } from './service';
import type { TestAnswer, TestService } from './service';

/** An API with three people, and what its tests of messages ask it. */
export interface MessageService {
  readonly service: TestService;
  /** What whoever sends messages was told of. */
  readonly written: WrittenMessage[];
  /** `hello` with other fields. */
  post(fields: object, headers?: Record<string, string>): Promise<TestAnswer>;
  read(id: string): Promise<TestAnswer>;
  cancel(id: string): Promise<TestAnswer>;
  /** Takes a message up, as whoever sends it does. */
  claim(id: string): Promise<void>;
  /** As if nothing had been sent. */
  clear(): Promise<void>;
}

export const content = { subject: 'Hello {{first_name}}', body: 'It is {{what}}.' };
export const hello = { recipient: 'ada', channel: 'email', content, data: { what: 'done' } };

export async function startMessages(): Promise<MessageService> {
  const written: WrittenMessage[] = [];
  const service = await startService({ messagesWritten: (messages) => written.push(...messages) });
  const { db, keyRing } = service.deps;
  const tenant = await db.prisma.tenant.findFirstOrThrow();
  await seedPeople(db, keyRing, tenant.id, [
    { id: 'ada', email: 'ada@example.com', timeZone: 'Asia/Kathmandu', attributes: { first_name: 'Ada' } },
    { id: 'bob', timeZone: 'America/New_York' },
    { id: 'nobody-knows-where' },
  ]);
  return {
    service,
    written,
    post: (fields, headers = {}) =>
      service.admin('POST', '/v1/messages', { body: { ...hello, ...fields }, headers }),
    read: (id) => service.admin('GET', `/v1/messages/${id}`),
    cancel: (id) => service.admin('DELETE', `/v1/messages/${id}`),
    async claim(id) {
      await db.pool.query('update pending_message set state = 3 where id = $1', [uuidOfMessageId(id)]);
    },
    async clear() {
      written.length = 0;
      service.log.length = 0;
      for (const table of [
        'pending_message',
        'message_dedupe',
        'message_data',
        'delivery',
        'counter',
        'outcome_total',
      ])
        await db.pool.query(`delete from ${table}`);
    },
  };
}

/** Pointer and code of every field that is wrong. */
export function errorsOf({ body }: TestAnswer): [string, string][] {
  return body.errors.map(({ pointer, code }: Record<string, string>) => [pointer, code]);
}
