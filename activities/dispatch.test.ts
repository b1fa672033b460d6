import type { Channel } from '../channels/channel';
import { createDispatch } from './dispatch';
import type { Parcel } from './deliver';
import { createLane } from './lane';

const MINUTE = 60_000;

const parcel = (provider: Channel): Parcel => ({
  key: '1',
  context: { tenantId: 1, priority: 3 },
  expiresAt: MINUTE,
  seenAt: 0,
  route: [{ channel: 'noop', providers: [provider] }],
  onUnknown: 'resend',
  begun: { channel: 'noop', provider: null, attempts: 0, reason: null, trail: [] },
  passedOver: [],
});

describe('room for further messages', () => {
  it('is waited for no longer than the caller has time, though a provider does not answer', async () => {
    const stopping = new AbortController();
    const asked = new AbortController();
    const silent: Channel = {
      name: 'noop',
      provider: 'silent',
      concurrency: 1,
      send: () => {
        asked.abort();
        return new Promise(() => undefined);
      },
      close: () => Promise.resolve(),
    };
    const lane = createLane(1);
    const dispatch = createDispatch<Parcel>(
      { clock: () => 0, random: () => 0, sleep: () => Promise.resolve() },
      {
        stop: stopping.signal,
        cancelled: new AbortController().signal,
        holds: () => Promise.resolve(true),
        laneOf: () => lane,
        compose: () => ({
          kind: 'message',
          locale: 'en',
          message: { id: '1', address: 'x', body: 'Hello' },
        }),
        obstacles: () => Promise.reject(new Error('nobody looks')),
        move: () => Promise.resolve('moved'),
        paced: () => 'passed-by',
        attempted: () => undefined,
        settled: () => undefined,
        lost: () => undefined,
      },
    );
    dispatch.send(parcel(silent));
    const over = new AbortController();
    const room = dispatch.room(1, over.signal);
    await new Promise((resolve) => {
      asked.signal.addEventListener('abort', resolve);
    });
    over.abort();
    await room;
    expect(dispatch.attempted()).toBe(0);
  });
});
