import { messageUuid } from '../domain/messages/message-id';
import { queueName } from '../domain/messages/queue';
import { HOUR, MINUTE, SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { createMessageNudge, NUDGE_PAUSE_MS } from './message-nudge';

const NOON = Date.parse('2026-11-20T12:00:00Z');

beforeEach(() => {
  jest.useFakeTimers({ now: NOON });
});

afterEach(() => {
  jest.useRealTimers();
});

function nudging(answer: () => 'told' | 'failed' = () => 'told') {
  const told: string[] = [];
  let slow: Promise<void> = Promise.resolve();
  const nudge = createMessageNudge({
    clock: Date.now,
    async tell(queue) {
      told.push(queueName(queue));
      await slow;
      return answer();
    },
  });
  return {
    nudge,
    told,
    /** Has Temporal take its time until the function that is returned is called. */
    hold(): () => void {
      const released = new AbortController();
      slow = new Promise((resolve) => {
        released.signal.addEventListener('abort', () => resolve());
      });
      return () => released.abort();
    },
  };
}

const written = (due: Instant, shard = 3, priority: 1 | 3 = 3) => ({
  uuid: messageUuid(due, new Uint8Array(10).fill(shard)),
  due: new Date(due),
  waiting: { priority },
});

describe('nudging those who send messages', () => {
  it('tells the queue of a message at once', async () => {
    const { nudge, told } = nudging();
    nudge.written([written(NOON), written(NOON, 4), written(NOON, 4), written(NOON, 5, 1)]);
    expect(told).toEqual(['3', '4', 'urgent']);
  });

  it('tells of what follows once, after a pause', async () => {
    const { nudge, told } = nudging();
    nudge.written([written(NOON)]);
    for (let n = 0; n < 100; n += 1) {
      await jest.advanceTimersByTimeAsync(5);
      nudge.written([written(Date.now())]);
    }
    expect(told).toEqual(['3']);
    await jest.advanceTimersByTimeAsync(NUDGE_PAUSE_MS);
    expect(told).toEqual(['3', '3']);
    await jest.advanceTimersByTimeAsync(HOUR);
    expect(told).toEqual(['3', '3']);
  });

  it('tells once more of what came while Temporal was being told', async () => {
    const { nudge, told, hold } = nudging();
    const release = hold();
    nudge.written([written(NOON)]);
    await jest.advanceTimersByTimeAsync(2 * SECOND);
    nudge.written([written(Date.now())]);
    expect(told).toHaveLength(1);
    release();
    await jest.advanceTimersByTimeAsync(0);
    expect(told).toHaveLength(2);
  });

  it('does not tell a queue that waits for an earlier message, but tells it of a still earlier one', async () => {
    const { nudge, told } = nudging();
    nudge.written([written(NOON + HOUR)]);
    await jest.advanceTimersByTimeAsync(2 * SECOND);
    nudge.written([written(NOON + HOUR), written(NOON + 2 * HOUR)]);
    expect(told).toHaveLength(1);
    nudge.written([written(NOON + HOUR - 1)]);
    expect(told).toHaveLength(2);
  });

  it('does not trust for long in what it told: the message may have been cancelled', async () => {
    const { nudge, told } = nudging();
    nudge.written([written(NOON + HOUR)]);
    await jest.advanceTimersByTimeAsync(MINUTE);
    nudge.written([written(NOON + 2 * HOUR)]);
    expect(told).toHaveLength(2);
  });

  it('trusts in nothing that Temporal was not told, and leaves that to the steward', async () => {
    const { nudge, told } = nudging(() => 'failed');
    nudge.written([written(NOON + HOUR)]);
    await jest.advanceTimersByTimeAsync(10 * SECOND);
    expect(told).toHaveLength(1);
    nudge.written([written(NOON + HOUR)]);
    expect(told).toHaveLength(2);
  });

  it('tells nobody of a message that waits no more, and nothing once it is stopped', async () => {
    const { nudge, told } = nudging();
    nudge.written([{ ...written(NOON), waiting: null }]);
    expect(told).toEqual([]);
    nudge.written([written(NOON)]);
    nudge.written([written(NOON)]);
    nudge.stop();
    await jest.advanceTimersByTimeAsync(HOUR);
    expect(told).toHaveLength(1);
  });
});
