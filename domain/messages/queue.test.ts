import { MESSAGE_QUEUES, queueName, queueOf } from './queue';

describe('the queue of a message', () => {
  it('is that of its shard, or the one of everything urgent', () => {
    expect(queueName(queueOf(7, 3))).toBe('7');
    expect(queueName(queueOf(7, 1))).toBe('urgent');
  });

  it('is one of seventeen', () => {
    const names = MESSAGE_QUEUES.map(queueName);
    expect(new Set(names).size).toBe(17);
    expect(names).toContain(queueName(queueOf(15, 5)));
    expect(names).toContain('urgent');
  });
});
