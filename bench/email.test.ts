import { benchRun } from '../test/bench-run';
import { email } from './email';

describe('the bench email', () => {
  it('brings every mail to the sink, once by Sundial and once by nodemailer', async () => {
    const figures = await email.run(benchRun({ size: 50 }));
    expect(Object.keys(figures).slice(0, 3)).toEqual(['perSecond', 'baselinePerSecond', 'ratio']);
    expect(figures).toMatchObject({ considered: 50, sent: 50, received: 50 });
    expect(figures['sink']).toMatch(/^smtp-(sink|server)$/);
    for (const key of ['perSecond', 'baselinePerSecond', 'ratio', 'workerCpuUs', 'baselineCpuUs'])
      expect(figures[key]).toBeGreaterThan(0);
  }, 300_000);
});
