import { uuidOfMessageId } from '../../domain/messages/message-id';
import { readFigures } from '../../store/outcome-figures';
import { refuseMessages } from '../../store/messages/settle';
import { STATE_CODES, REASON_CODES } from '../../domain/delivery/state';
import { startMessages } from '../../test/api/messages';
import type { MessageService } from '../../test/api/messages';
import type { TestAnswer } from '../../test/api/service';

let api: MessageService;

beforeAll(async () => {
  api = await startMessages();
});
afterAll(() => api.service.stop());
beforeEach(() => api.clear());

const decide = (id: string, decision: string): Promise<TestAnswer> =>
  api.service.admin('POST', `/v1/messages/${id}/decide`, { body: { decision } });

const figures = () => readFigures(api.service.deps.db, 1, { scheduleId: null, from: null, to: null });

/** A message that a provider may have accepted. */
async function doubted(): Promise<string> {
  const { id } = (await api.post({})).body;
  const { db, clock } = { db: api.service.deps.db, clock: api.service.clock };
  const outcome = {
    id: uuidOfMessageId(id) ?? '',
    state: STATE_CODES.unknown,
    reason: REASON_CODES['no-answer'],
    attempts: 4,
    locale: null,
    channel: 'email' as const,
    provider: 'second',
    steps: [],
    settledAt: clock.now,
    message: { version: 1, owner: null, attempts: 0, provider: null },
  };
  expect(await refuseMessages(db, [outcome], clock.now, 3)).toHaveLength(1);
  api.written.length = 0;
  return id;
}

describe('POST /v1/messages/:id/decide', () => {
  it.each(['sent', 'failed'])('202: records that it was %s, once', async (decision) => {
    const id = await doubted();
    expect((await decide(id, decision)).body).toEqual({ decision, people: 1 });
    expect((await api.read(id)).body).toMatchObject({ status: decision, reason: 'decided' });
    expect(await figures()).toMatchObject({ [decision]: 1 });
    expect((await figures()).unknown ?? 0).toBe(0);
    expect((await decide(id, 'resend')).body).toEqual({ decision: 'resend', people: 0 });
    expect(api.written).toEqual([]);
  });

  it('202: has it sent once more by the one who may have it, and tells whoever sends', async () => {
    const id = await doubted();
    expect((await decide(id, 'resend')).body).toEqual({ decision: 'resend', people: 1 });
    expect((await api.read(id)).body).toMatchObject({
      status: 'pending',
      reason: 'decided',
      expiresAt: '2026-11-21T12:00:00.000Z',
    });
    const { rows } = await api.service.deps.db.pool.query('select provider from pending_message');
    expect(rows).toEqual([{ provider: 'second' }]);
    expect(api.written).toEqual([expect.objectContaining({ uuid: uuidOfMessageId(id) })]);
    expect((await figures()).unknown ?? 0).toBe(0);
    expect((await decide(id, 'failed')).body).toEqual({ decision: 'failed', people: 0 });
  });

  it('404: knows none of another tenant', async () => {
    const id = await doubted();
    const other = await api.service.otherTenant();
    const { status } = await other.send('POST', `/v1/messages/${id}/decide`, { body: { decision: 'sent' } });
    expect(status).toBe(404);
    expect((await decide('msg_nobody', 'sent')).body.code).toBe('message.unknown');
    expect((await api.read(id)).body.status).toBe('unknown');
  });
});
