import { messageShard, uuidOfMessageId } from '../../domain/messages/message-id';
import { content, hello, startMessages } from '../../test/api/messages';
import type { MessageService } from '../../test/api/messages';
import type { TestAnswer } from '../../test/api/service';

let api: MessageService;

beforeAll(async () => {
  api = await startMessages();
});
afterAll(() => api.service.stop());
beforeEach(() => api.clear());

function batch(messages: unknown[], headers: Record<string, string> = {}): Promise<TestAnswer> {
  return api.service.admin('POST', '/v1/messages/batch', { body: { messages }, headers });
}

function lines(rawBody: string): Promise<TestAnswer> {
  return api.service.admin('POST', '/v1/messages/batch', {
    rawBody,
    headers: { 'Content-Type': 'application/x-ndjson' },
  });
}

describe('POST /v1/messages/batch', () => {
  it('202: answers every message, and accepts those that are right', async () => {
    const marketer = await api.service.withRole('MARKETER');
    const messages = [
      hello,
      { ...hello, recipient: 'eve' },
      { ...hello, dedupeKey: 'twice' },
      { ...hello, dedupeKey: 'twice' },
      { ...hello, category: 'transactional' },
      'no message',
    ];
    const { status, body } = await marketer('POST', '/v1/messages/batch', { body: { messages } });
    expect(status).toBe(202);
    expect(body.items.map((item: { index: number; status: number }) => [item.index, item.status])).toEqual([
      [0, 202],
      [1, 422],
      [2, 202],
      [3, 200],
      [4, 403],
      [5, 422],
    ]);
    expect(body.items[3].id).toBe(body.items[2].id);
    expect(body.items[1].problem.errors[0].pointer).toBe('/messages/1/recipient');
    expect((await api.read(body.items[0].id)).body).toMatchObject({ status: 'pending', content });
    expect(api.written).toHaveLength(2);
  });

  it('202: takes thousands of messages as lines, spread over all shards', async () => {
    const line = JSON.stringify({
      recipient: 'ada',
      channel: 'noop',
      content,
      data: { what: 'x'.repeat(100) },
      delay: 'PT1H',
    });
    const { status, body } = await api.service.admin('POST', '/v1/messages/batch', {
      rawBody: Array.from({ length: 3_000 }, () => line).join('\n'),
      headers: { 'Content-Type': 'application/x-ndjson' },
    });
    expect(status).toBe(202);
    expect(body.items.every((item: { status: number }) => item.status === 202)).toBe(true);
    const ids: string[] = body.items.map(({ id }: { id: string }) => uuidOfMessageId(id) ?? '');
    expect(new Set(ids).size).toBe(3_000);
    expect(new Set(ids.map(messageShard)).size).toBe(16);
    const cancelled = await api.service.admin('POST', '/v1/messages/cancel', {
      body: { filter: { channel: 'noop' } },
    });
    expect(cancelled.body).toEqual({ cancelled: 3_000 });
  });

  it('400 and 422: names the line that is no JSON, and takes neither none nor too many', async () => {
    expect((await lines(`${JSON.stringify(hello)}\n\n{\n`)).body).toMatchObject({
      code: 'body.malformed',
      detail: expect.stringContaining('Line 3'),
    });
    expect((await lines('\n')).status).toBe(422);
    expect((await batch([])).status).toBe(422);
    expect((await batch(Array.from({ length: 10_001 }, () => 1))).status).toBe(422);
  });

  it('replays the answer to an Idempotency-Key', async () => {
    const first = await batch([hello, hello], { 'Idempotency-Key': 'batch' });
    const again = await batch([hello, hello], { 'Idempotency-Key': 'batch' });
    expect([first.status, again.body]).toEqual([202, first.body]);
    expect(api.written).toHaveLength(2);
  });
});
