import type { SuppressionReason } from '../domain/delivery/suppression';
import { createLastLook, FRESH_MS } from './last-look';

const nobody: ReadonlyMap<string, SuppressionReason> = new Map();

function looking(reachable: readonly string[], waiting: readonly string[] = ['1', '2', '3']) {
  const clock = { now: 0 };
  const asked: (readonly string[])[] = [];
  const state = { cancelled: false, reachable: new Set(reachable), suppressed: nobody };
  const standing = createLastLook(
    () => clock.now,
    () => waiting,
    (rids) => {
      asked.push(rids);
      return Promise.resolve({ ...state });
    },
  );
  return { clock, asked, state, standing };
}

describe('the last look before an attempt', () => {
  it('is one for everybody who waits, for as long as it is fresh', async () => {
    const { clock, asked, standing } = looking(['1', '3']);
    await expect(Promise.all(['1', '2', '3'].map(standing))).resolves.toEqual([
      { kind: 'stands' },
      { kind: 'erased' },
      { kind: 'stands' },
    ]);
    clock.now = FRESH_MS;
    await expect(standing('1')).resolves.toEqual({ kind: 'stands' });
    expect(asked).toEqual([['1', '2', '3']]);
  });

  it('is taken again when it is no longer fresh, or did not see the person', async () => {
    const { clock, asked, state, standing } = looking(['1', '9']);
    await standing('1');
    await expect(standing('9')).resolves.toEqual({ kind: 'stands' });
    clock.now = FRESH_MS + 1;
    state.cancelled = true;
    await expect(standing('9')).resolves.toEqual({ kind: 'cancelled' });
    expect(asked).toHaveLength(3);
  });

  it('names why the address of somebody who waits is written to no more', async () => {
    const { state, standing } = looking(['1', '2']);
    state.suppressed = new Map([['2', 'complaint']]);
    await expect(standing('2')).resolves.toEqual({ kind: 'suppressed', reason: 'complaint' });
    await expect(standing('1')).resolves.toEqual({ kind: 'stands' });
  });

  it('fails for those who asked when Postgres is away, and is taken again by the next', async () => {
    const clock = { now: 0 };
    let away = true;
    const standing = createLastLook(
      () => clock.now,
      () => ['1'],
      () =>
        away
          ? Promise.reject(new Error('away'))
          : Promise.resolve({ cancelled: false, reachable: new Set(['1']), suppressed: nobody }),
    );
    await expect(standing('1')).rejects.toThrow('away');
    away = false;
    await expect(standing('1')).resolves.toEqual({ kind: 'stands' });
  });
});
