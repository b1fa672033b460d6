import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { benchRun } from '../test/bench-run';
import { createProfiling } from './profile/profiling';
import { render } from './render';

describe('the bench render', () => {
  it('measures both ways of rendering in one run', async () => {
    const figures = await render.run(benchRun({ size: 200 }));
    expect(Object.keys(figures)).toEqual([
      'p50Us',
      'p99Us',
      'baselineP50Us',
      'baselineP99Us',
      'ratio',
      'count',
    ]);
    for (const figure of Object.values(figures)) expect(figure).toBeGreaterThan(0);
    expect(figures['count']).toBe(200);
  });

  it('writes a profile and a flame graph of this process, and says where the time went', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'sundial-profile-'));
    const run = benchRun({ size: 2_000 });
    const profiling = createProfiling({ folder, bench: 'render', screen: run.screen });
    await render.run({ ...run, profiling });
    const file = path.join(folder, 'profiles', 'render.cpuprofile');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('nodes');
    expect(readFileSync(file.replace(/cpuprofile$/, 'svg'), 'utf8')).toContain('renderMessage');
    expect(run.said.join('\n')).toMatch(/\d+ ms of work, by package:/);
    rmSync(folder, { recursive: true });
  });
});
