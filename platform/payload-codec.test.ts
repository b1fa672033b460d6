import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import { createKeyRing, UnknownKeyError } from './crypto';
import { createPayloadCodec, UnreadablePayloadError } from './payload-codec';

const old = { id: 'k1', key: randomBytes(32) };
const fresh = { id: 'k2', key: randomBytes(32) };
const codecOf = (...keys: { id: string; key: Buffer }[]) => createPayloadCodec(createKeyRing(keys));

const plain = defaultPayloadConverter.toPayload({ scheduleId: '01SCHEDULE', tenantId: 1 });

async function encoded(codec = codecOf(old)): Promise<Payload> {
  const [payload] = await codec.encode([plain]);
  if (payload === undefined) throw new Error('nothing was encoded');
  return payload;
}

function valueOf(payload: Payload | undefined): unknown {
  return payload && defaultPayloadConverter.fromPayload(payload);
}

function text(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}

describe('the payload codec', () => {
  it('shows nothing of a payload but that it is encrypted and under which key', async () => {
    const { metadata, data } = await encoded();
    expect(Object.entries(metadata ?? {}).map(([name, value]) => [name, text(value)])).toEqual([
      ['encoding', 'binary/encrypted'],
      ['encryption-key-id', 'k1'],
    ]);
    expect(text(data)).not.toContain('SCHEDULE');
    expect(text(data)).not.toContain('json/plain');
  });

  it('gives back what it was given, one payload or many', async () => {
    const codec = codecOf(old);
    const values = [{ scheduleId: 'a' }, null, undefined, 7, new Uint8Array([1, 2])];
    const payloads = values.map((value) => defaultPayloadConverter.toPayload(value));
    const decoded = await codec.decode(await codec.encode(payloads));
    expect(decoded.map(valueOf)).toEqual(values);
    expect(await codec.decode([])).toEqual([]);
  });

  it('encrypts the same payload differently every time', async () => {
    expect(text((await encoded()).data)).not.toBe(text((await encoded()).data));
  });

  it('passes payloads that are not encrypted, as histories from before have them', async () => {
    expect(await codecOf(old).decode([plain])).toEqual([plain]);
  });

  it('writes with the first key and reads with all of them', async () => {
    const written = await encoded();
    const rotated = codecOf(fresh, old);
    expect((await rotated.decode([written])).map(valueOf)).toEqual([valueOf(plain)]);
    expect(text((await encoded(rotated)).metadata?.['encryption-key-id'])).toBe('k2');
  });

  it('names the key that was removed too early', async () => {
    const written = await encoded();
    await expect(codecOf(fresh).decode([written])).rejects.toThrow(new UnknownKeyError('k1'));
  });

  it('says so when an id now stands for another key', async () => {
    const written = await encoded();
    const reused = codecOf({ id: 'k1', key: randomBytes(32) });
    await expect(reused.decode([written])).rejects.toThrow(UnreadablePayloadError);
    await expect(reused.decode([written])).rejects.toThrow(
      'under key "k1": either it was changed, or another key',
    );
  });

  it.each([
    ['changed', (data: Uint8Array) => data.with(20, (data[20] ?? 0) ^ 1)],
    ['cut', (data: Uint8Array) => data.subarray(0, 10)],
    ['emptied', () => new Uint8Array()],
  ])('refuses a payload that was %s', async (_how, damage) => {
    const written = await encoded();
    const damaged = { ...written, data: damage(new Uint8Array(written.data ?? [])) };
    await expect(codecOf(old).decode([damaged])).rejects.toThrow(UnreadablePayloadError);
  });

  it('refuses what somebody else encrypted', async () => {
    const foreign = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: randomBytes(40) };
    await expect(codecOf(old).decode([foreign])).rejects.toThrow('names no key');
  });

  it("does not open a person's wrapped key that is shown to it as a payload", async () => {
    const ring = createKeyRing([old]);
    const { wrapped } = ring.newPersonKey(7n);
    const disguised = { ...(await encoded()), data: wrapped.subarray(1 + old.id.length) };
    await expect(createPayloadCodec(ring).decode([disguised])).rejects.toThrow(UnreadablePayloadError);
  });
});
