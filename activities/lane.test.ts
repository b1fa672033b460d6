import type { Priority } from '../domain/delivery/priority';
import { createSharedLane } from './lane';
import type { SharedLane } from './lane';

/** A task that ends when it is told to, and notes that it began. */
function enter(lane: SharedLane, began: string[], name: string, tenantId: number, priority: Priority) {
  let leave: (() => void) | undefined;
  const running = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const done = lane.of({ tenantId, priority }).run(async () => {
    began.push(name);
    await running;
  });
  return {
    async leave(): Promise<void> {
      leave?.();
      await done;
    },
  };
}

describe('a shared lane', () => {
  it('runs as many tasks at once as it is wide', () => {
    const began: string[] = [];
    const lane = createSharedLane(2);
    for (const name of ['a', 'b', 'c']) enter(lane, began, name, 1, 3);
    expect(began).toEqual(['a', 'b']);
  });

  it('hands the next place to what is urgent, then to each tenant in turn', async () => {
    const began: string[] = [];
    const lane = createSharedLane(1);
    const first = enter(lane, began, 'campaign', 1, 3);
    const second = enter(lane, began, 'campaign again', 1, 3);
    const third = enter(lane, began, 'campaign once more', 1, 3);
    const other = enter(lane, began, 'another tenant', 2, 3);
    const urgent = enter(lane, began, 'code', 1, 1);
    for (const task of [first, urgent, second, other]) await task.leave();
    expect(began).toEqual(['campaign', 'code', 'campaign again', 'another tenant', 'campaign once more']);
    await third.leave();
  });

  it('hands its place on when a task fails', async () => {
    const lane = createSharedLane(1).of({ tenantId: 1, priority: 3 });
    await expect(lane.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(lane.run(() => Promise.resolve('next'))).resolves.toBe('next');
  });
});
