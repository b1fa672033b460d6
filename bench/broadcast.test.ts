import { benchRun, commandOf } from '../test/bench-run';
import { openGuide } from '../test/docs/guide';

describe('the bench broadcast', () => {
  it('reaches everybody through real processes, beside the obvious build', async () => {
    const guide = openGuide('docs/benchmarks.md', __filename);
    const { bench, output, profile } = commandOf(guide.take('Benchmarks'));
    expect({ output, profile, left: guide.left() }).toEqual({ output: 'json', profile: 'none', left: [] });
    const figures = await bench.run(benchRun({ size: 30 }));
    expect(figures).toEqual({
      perSecond: expect.any(Number),
      eventsPerMessage: expect.any(Number),
      considered: 30,
      sent: 30,
      latenessMs: { p50: expect.any(Number), p99: expect.any(Number), p9999: expect.any(Number) },
      firstMs: expect.any(Number),
      workerCpuUs: expect.any(Number),
      serversCpuUs: {
        postgres: expect.any(Number),
        redis: expect.any(Number),
        temporal: expect.any(Number),
      },
      workerRssMb: { before: expect.any(Number), after: expect.any(Number) },
      baselinePerSecond: expect.any(Number),
      baselineEventsPerMessage: expect.any(Number),
      baselineRecipients: 30,
      ratio: expect.any(Number),
    });
    expect(Object.keys(figures).slice(0, 5)).toEqual([
      'perSecond',
      'eventsPerMessage',
      'considered',
      'sent',
      'latenessMs',
    ]);
    expect(figures['perSecond']).toBeGreaterThan(0);
    expect(figures['baselinePerSecond']).toBeGreaterThan(0);
    // A handful of events for all of them, and as many for each.
    expect(figures['eventsPerMessage']).toBeLessThan(5);
    expect(figures['baselineEventsPerMessage']).toBeGreaterThan(10);
  }, 300_000);
});
