import { nextPause } from './back-off';

describe('the pause before a part is started again', () => {
  it('doubles with every death in a row, up to half a minute', () => {
    const pauses = [0];
    for (let death = 0; death < 9; death++) pauses.push(nextPause(100, pauses.at(-1) ?? 0));
    expect(pauses.slice(1)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is short again after the part has lived for a minute', () => {
    expect(nextPause(60_000, 30_000)).toBe(500);
  });
});
