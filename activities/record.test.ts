import { createRecorder } from './record';
import type { OutcomeOfClaim } from './outcomes';

const outcome = (rid: number): OutcomeOfClaim => ({
  rid: String(rid),
  state: 10,
  reason: null,
  attempts: 1,
  locale: null,
  settledAt: 0,
  channel: 'email',
  provider: null,
  steps: [],
  suppress: [],
  place: 'kept',
  due: 0,
});

const noSleep = (): Promise<void> => Promise.resolve();
const wanted = new AbortController().signal;
const away = (): Error => Object.assign(new Error('away'), { code: 'ECONNREFUSED' });

describe('recording outcomes', () => {
  it('writes as many at once as are claimed at once, and the rest when drained', async () => {
    const sizes: number[] = [];
    const recorder = createRecorder<OutcomeOfClaim>(
      (batch) => {
        sizes.push(batch.length);
        return Promise.resolve();
      },
      noSleep,
      wanted,
    );
    for (let rid = 0; rid < 1_000; rid += 1) recorder.add(outcome(rid));
    await recorder.drain();
    expect(sizes).toEqual([450, 450, 100]);
  });

  it('writes a hundred milliseconds after the first, full or not', async () => {
    const written = await new Promise<number>((resolve) => {
      const recorder = createRecorder<OutcomeOfClaim>(
        (batch) => {
          resolve(batch.length);
          return Promise.resolve();
        },
        noSleep,
        wanted,
      );
      recorder.add(outcome(1));
    });
    expect(written).toBe(1);
  });

  it('tries again for as long as Postgres is away', async () => {
    let failures = 1_000;
    const written: string[] = [];
    const recorder = createRecorder<OutcomeOfClaim>(
      (batch) => {
        if ((failures -= 1) >= 0) return Promise.reject(away());
        written.push(...batch.map(({ rid }) => rid));
        return Promise.resolve();
      },
      noSleep,
      wanted,
    );
    recorder.add(outcome(1));
    await recorder.drain();
    expect(written).toEqual(['1']);
  });

  it('fails the page when Postgres is away and nobody wants the page any more', async () => {
    const stop = new AbortController();
    let tries = 0;
    const recorder = createRecorder<OutcomeOfClaim>(
      () => {
        if ((tries += 1) === 100) stop.abort();
        return Promise.reject(away());
      },
      noSleep,
      stop.signal,
    );
    recorder.add(outcome(1));
    await expect(recorder.drain()).rejects.toThrow('away');
    expect(tries).toBe(100);
  });

  it('fails the page when Postgres refuses an outcome, and still writes what comes later', async () => {
    const written: string[] = [];
    const recorder = createRecorder<OutcomeOfClaim>(
      (batch) => {
        if (batch.some(({ rid }) => rid === '1')) return Promise.reject(new Error('refused'));
        written.push(...batch.map(({ rid }) => rid));
        return Promise.resolve();
      },
      noSleep,
      wanted,
    );
    recorder.add(outcome(1));
    await expect(recorder.drain()).rejects.toThrow('refused');
    recorder.add(outcome(2));
    await expect(recorder.drain()).rejects.toThrow('refused');
    expect(written).toEqual(['2']);
  });
});
