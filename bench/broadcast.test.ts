import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { benchRun } from '../test/bench-run';
import { broadcast } from './broadcast';
import { createProfiling } from './profile/profiling';

describe('the bench broadcast', () => {
  it('reaches everybody through real processes, beside the obvious build, and profiles the worker', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'sundial-profile-'));
    const run = benchRun({ size: 30 });
    const profiling = createProfiling({ folder, bench: 'broadcast', screen: run.screen });
    const figures = await broadcast.run({ ...run, profiling });
    expect(figures).toEqual({
      perSecond: expect.any(Number),
      eventsPerMessage: expect.any(Number),
      considered: 30,
      sent: 30,
      latenessMs: { p50: expect.any(Number), p99: expect.any(Number), p9999: expect.any(Number) },
      firstMs: expect.any(Number),
      workerCpuUs: expect.any(Number),
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
    expect(readFileSync(path.join(folder, 'profiles', 'broadcast.svg'), 'utf8')).toContain('<svg');
    rmSync(folder, { recursive: true });
  }, 300_000);
});
