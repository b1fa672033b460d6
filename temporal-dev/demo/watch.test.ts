import { ApiAway, ApiRefusal } from './api-client';
import type { Standing } from './schedule-client';
import { settledOf, type Watched, watchToEnd } from './watch';

const standing = (status: string, counts: Standing['counts'] = {}): Standing => ({ status, counts });

/** Answers the looks one after the other; a clock that goes on a second a look. */
function watched(looks: readonly (Standing | Error)[], more: Partial<Watched> = {}) {
  const seen: Standing[] = [];
  let at = 0;
  const rest = looks.values();
  const watching: Watched = {
    async look() {
      at += 1_000;
      const { value = standing('running') } = rest.next();
      if (value instanceof Error) throw value;
      return value;
    },
    due: 0,
    now: () => at,
    interrupted: new AbortController().signal,
    patienceMs: 2_500,
    async onLook(look) {
      seen.push(look);
    },
    ...more,
  };
  return { watching, seen };
}

describe('watching a schedule', () => {
  it.each(['completed', 'cancelled', 'failed'])('ends when it is %s, after showing that', async (status) => {
    const { watching, seen } = watched([standing('scheduled'), standing(status, { sent: 3 })]);
    await watchToEnd(watching);
    expect(seen.at(-1)).toEqual(standing(status, { sent: 3 }));
  });

  it('looks again when the API is away for a moment', async () => {
    const { watching, seen } = watched([new ApiAway('gone'), standing('completed')]);
    await watchToEnd(watching);
    expect(seen).toHaveLength(1);
  });

  it('ends with what the API refuses', async () => {
    const { watching } = watched([new ApiRefusal('no', 404)]);
    await expect(watchToEnd(watching)).rejects.toThrow('no');
  });

  it('loses patience when nothing changes after the instant', async () => {
    const { watching } = watched([standing('scheduled'), standing('running')]);
    await expect(watchToEnd(watching)).rejects.toThrow('Nothing has moved for 3 s');
  });

  it('is patient until the instant, however far away', async () => {
    const same = Array.from({ length: 6 }, () => standing('scheduled'));
    const { watching, seen } = watched([...same, standing('completed')], { due: 6_000 });
    await watchToEnd(watching);
    expect(seen).toHaveLength(7);
  });

  it('ends at once when interrupted, also between two looks', async () => {
    const controller = new AbortController();
    const { watching } = watched([], {
      interrupted: controller.signal,
      onLook: async () => controller.abort(new Error('stop')),
    });
    await expect(watchToEnd(watching)).rejects.toThrow('stop');
  });
});

it('counts as settled whoever has a final outcome', () => {
  expect(settledOf(standing('running', { sent: 5, failed: 2, expired: 1, claimed: 100, unknown: 1 }))).toBe(
    8,
  );
});
