import fc from 'fast-check';
import { ulidToUUID } from 'ulid';
import { messageDay, messageIdOf, messageShard, messageUuid, uuidOfMessageId } from './message-id';

const due = fc.integer({ min: 0, max: Date.parse('2999-12-31T23:59:59Z') });
const random = fc.uint8Array({ minLength: 10, maxLength: 10 });

describe('the id of a message', () => {
  it('is a ULID of the instant at which it was first due', () => {
    const uuid = messageUuid(
      Date.parse('2026-12-01T09:00:00Z'),
      Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    );
    expect(uuid).toBe('01a230d5-1280-0102-0304-05060708090a');
    expect(messageIdOf(uuid)).toBe('msg_01M8RDA4M0041061050R3GG28A');
  });

  it('can be read back, with its day and its shard', () => {
    fc.assert(
      fc.property(due, random, (at, bytes) => {
        const uuid = messageUuid(at, bytes);
        const id = messageIdOf(uuid);
        expect(uuidOfMessageId(id)).toBe(uuid);
        expect(ulidToUUID(id.slice(4)).toLowerCase()).toBe(uuid);
        expect(messageDay(uuid)).toBe(new Date(at).toISOString().slice(0, 10));
        expect(messageShard(uuid)).toBe((bytes[9] ?? 0) % 16);
      }),
    );
  });

  it.each([
    '',
    'msg_',
    'msg_01KBCKPPM0',
    'sch_01M8RDA4M0041061050R3GG28A',
    'msg_81KBCKPPM00410610G50W3GG8A',
    'msg_01M8RDA4M0041061050R3GG28U',
  ])('is not %j', (text) => {
    expect(uuidOfMessageId(text)).toBeNull();
  });
});
