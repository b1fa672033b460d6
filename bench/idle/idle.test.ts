import { benchRun } from '../../test/bench-run';
import { idle } from './idle';

describe('the bench idle', () => {
  it('weighs what waits in Postgres, in Temporal and in the worker, beside a workflow for each', async () => {
    const figures = await idle.run(benchRun({ size: 1_000 }));
    expect(figures).toEqual({
      bytesPerPending: expect.any(Number),
      workflows: 17,
      workerRssMb: { before: expect.any(Number), after: expect.any(Number) },
      sentBesideMs: expect.any(Number),
      baselineBytesPerPending: expect.any(Number),
      ratio: expect.any(Number),
    });
    expect(Object.keys(figures).slice(0, 3)).toEqual(['bytesPerPending', 'workflows', 'workerRssMb']);
  }, 300_000);
});
