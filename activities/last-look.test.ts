import { createLastLook, FRESH_MS } from './last-look';

function looking(reachable: readonly string[], waiting: readonly string[] = ['1', '2', '3']) {
  const clock = { now: 0 };
  const asked: (readonly string[])[] = [];
  const state = { cancelled: false, reachable };
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
    await expect(Promise.all(['1', '2', '3'].map(standing))).resolves.toEqual(['stands', 'erased', 'stands']);
    clock.now = FRESH_MS;
    await expect(standing('1')).resolves.toBe('stands');
    expect(asked).toEqual([['1', '2', '3']]);
  });

  it('is taken again when it is no longer fresh, or did not see the person', async () => {
    const { clock, asked, state, standing } = looking(['1', '9']);
    await standing('1');
    await expect(standing('9')).resolves.toBe('stands');
    clock.now = FRESH_MS + 1;
    state.cancelled = true;
    await expect(standing('9')).resolves.toBe('cancelled');
    expect(asked).toHaveLength(3);
  });

  it('fails for those who asked when Postgres is away, and is taken again by the next', async () => {
    const clock = { now: 0 };
    let away = true;
    const standing = createLastLook(
      () => clock.now,
      () => ['1'],
      () =>
        away ? Promise.reject(new Error('away')) : Promise.resolve({ cancelled: false, reachable: ['1'] }),
    );
    await expect(standing('1')).rejects.toThrow('away');
    away = false;
    await expect(standing('1')).resolves.toBe('stands');
  });
});
