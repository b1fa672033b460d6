import { benchRun } from '../../test/bench-run';
import { messages } from './messages';

describe('the bench messages', () => {
  it('has messages accepted by real processes in every way, beside a row and a workflow for each', async () => {
    const figures = await messages.run(benchRun({ size: 100 }));
    expect(figures).toEqual({
      perSecond: expect.any(Number),
      single: {
        perSecond: expect.any(Number),
        p50: expect.any(Number),
        p95: expect.any(Number),
        p99: expect.any(Number),
      },
      burst: { maxMs: expect.any(Number) },
      errors: 0,
      immediateMs: { p50: expect.any(Number), p99: expect.any(Number) },
      apiCpuUs: expect.any(Number),
      baselinePerSecond: expect.any(Number),
      ratio: expect.any(Number),
    });
    expect(Object.keys(figures).slice(0, 4)).toEqual(['perSecond', 'single', 'burst', 'errors']);
    expect(figures['perSecond']).toBeGreaterThan(0);
    expect(figures['baselinePerSecond']).toBeGreaterThan(0);
  }, 300_000);
});
