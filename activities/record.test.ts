import { createRecorder } from './record';
import type { OutcomeOfClaim } from './outcomes';

const outcome = (rid: number): OutcomeOfClaim => ({
  rid: String(rid),
  state: 10,
  reason: null,
  attempts: 1,
  locale: null,
  settledAt: 0,
  due: 0,
});

const noSleep = (): Promise<void> => Promise.resolve();

describe('recording outcomes', () => {
  it('writes every hundred at once and the rest when drained', async () => {
    const sizes: number[] = [];
    const recorder = createRecorder((batch) => {
      sizes.push(batch.length);
      return Promise.resolve();
    }, noSleep);
    for (let rid = 0; rid < 230; rid += 1) recorder.add(outcome(rid));
    await recorder.drain();
    expect(sizes).toEqual([100, 100, 30]);
  });

  it('writes a hundred milliseconds after the first, full or not', async () => {
    const written = await new Promise<number>((resolve) => {
      const recorder = createRecorder((batch) => {
        resolve(batch.length);
        return Promise.resolve();
      }, noSleep);
      recorder.add(outcome(1));
    });
    expect(written).toBe(1);
  });

  it('tries again when Postgres is away for a moment', async () => {
    let failures = 3;
    const written: string[] = [];
    const recorder = createRecorder((batch) => {
      if ((failures -= 1) >= 0) return Promise.reject(new Error('away'));
      written.push(...batch.map(({ rid }) => rid));
      return Promise.resolve();
    }, noSleep);
    recorder.add(outcome(1));
    await recorder.drain();
    expect(written).toEqual(['1']);
  });

  it('fails the page when it stays away, and still writes what comes later', async () => {
    const written: string[] = [];
    const recorder = createRecorder((batch) => {
      if (batch.some(({ rid }) => rid === '1')) return Promise.reject(new Error('away'));
      written.push(...batch.map(({ rid }) => rid));
      return Promise.resolve();
    }, noSleep);
    recorder.add(outcome(1));
    await expect(recorder.drain()).rejects.toThrow('away');
    recorder.add(outcome(2));
    await expect(recorder.drain()).rejects.toThrow('away');
    expect(written).toEqual(['2']);
  });
});
