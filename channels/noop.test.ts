import { parseFaults } from '../domain/delivery/faults';
import type { Channel } from './channel';
import { CONFORMANCE_RULES } from './conformance';
import { createNoopChannel } from './noop';

const CONTEXT = { tenantId: 1, priority: 3 } as const;

function faulty(text: string): Channel {
  const parsed = parseFaults(text);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  return createNoopChannel(parsed.value);
}

const send = (channel: Channel, id: string) => channel.send({ id, address: '', body: 'x' }, CONTEXT);

describe('the noop channel', () => {
  it.each(CONFORMANCE_RULES.map((rule) => [rule.name, rule] as const))('%s', async (_, rule) => {
    await expect(rule.check({ channel: createNoopChannel(), received: null })).resolves.toBeUndefined();
  });

  it.each(CONFORMANCE_RULES.map((rule) => [rule.name, rule] as const))('%s, slowly', async (_, rule) => {
    const channel = faulty('seed=1,latency=1-5');
    await expect(rule.check({ channel, received: null })).resolves.toBeUndefined();
  });

  it('fails as it is told to, each message by itself', async () => {
    const channel = faulty('first=transient/rate-limited:40/unknown,rejected=1');
    const results = [];
    for (let attempt = 0; attempt < 4; attempt += 1) results.push(await send(channel, 'a'));
    expect(results).toEqual([
      { kind: 'transient' },
      { kind: 'rate-limited', retryAfterMs: 40 },
      { kind: 'unknown' },
      { kind: 'rejected', reason: 'rejected-message' },
    ]);
    expect(await send(channel, 'b')).toEqual({ kind: 'transient' });
  });

  it('tells the same story again for the same seed, whatever the order', async () => {
    const ids = Array.from({ length: 50 }, (_, n) => `m${n}`);
    const story = async (order: readonly string[]) => {
      const channel = faulty('seed=9,transient=0.3,unknown=0.3');
      const told = new Map<string, string>();
      for (const id of order) told.set(id, (await send(channel, id)).kind);
      return ids.map((id) => told.get(id));
    };
    const first = await story(ids);
    expect(await story(ids.toReversed())).toEqual(first);
    expect(new Set(first)).toEqual(new Set(['accepted', 'transient', 'unknown']));
  });
});
