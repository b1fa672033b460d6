import { pause } from './pause';

describe('a pause', () => {
  it('ends after its time', async () => {
    const began = performance.now();
    await pause(20);
    expect(performance.now() - began).toBeGreaterThanOrEqual(19);
  });

  it('ends at once when it is called off, before or while it lasts', async () => {
    const before = new AbortController();
    before.abort();
    await pause(3_600_000, before.signal);

    const during = new AbortController();
    const paused = pause(3_600_000, during.signal);
    during.abort();
    await paused;
  });
});
