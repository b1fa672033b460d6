import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { benchRun, commandOf } from '../test/bench-run';
import { openGuide } from '../test/docs/guide';
import { createProfiling } from './profile/profiling';

describe('the bench email', () => {
  it('brings every mail to the sink, once by Sundial and once by nodemailer, and profiles the worker', async () => {
    const guide = openGuide('docs/benchmarks.md', __filename);
    const { bench, size, profile } = commandOf(guide.take('Benchmarks'));
    expect({ size, profile, left: guide.left() }).toEqual({ size: 5_000, profile: 'wanted', left: [] });
    const folder = mkdtempSync(path.join(os.tmpdir(), 'sundial-profile-'));
    const run = benchRun({ size: 50 });
    const profiling = createProfiling({ folder, bench: bench.name, screen: run.screen });
    const figures = await bench.run({ ...run, profiling });
    expect(Object.keys(figures).slice(0, 3)).toEqual(['perSecond', 'baselinePerSecond', 'ratio']);
    expect(figures).toMatchObject({ considered: 50, sent: 50, received: 50 });
    expect(figures['sink']).toMatch(/^smtp-(sink|server)$/);
    for (const key of ['perSecond', 'baselinePerSecond', 'ratio', 'workerCpuUs', 'baselineCpuUs'])
      expect(figures[key]).toBeGreaterThan(0);
    expect(readFileSync(path.join(folder, 'profiles', 'email.svg'), 'utf8')).toContain('<svg');
    rmSync(folder, { recursive: true });
  }, 300_000);
});
