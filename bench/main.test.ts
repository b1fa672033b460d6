import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { argumentsOf } from '../test/bench-run';
import { openGuide } from '../test/docs/guide';
import { BENCHES } from './registry';

/** As `npm run bench --` runs it, once everything is built. */
function bench(...args: string[]): { code: number | null; out: string; told: string } {
  const program = path.join(__dirname, '..', 'dist', 'bench', 'main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, told: stderr };
}

describe('the command of the benches', () => {
  it('leaves stdout to the figures: with --json they are its only line', () => {
    const { code, out, told } = bench('render', '--count', '100', '--json');
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(out) as object).slice(0, 2)).toEqual(['p50Us', 'p99Us']);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(told).toMatch(/\d+ x .*, \d+ GB, Node [\d.]+, .*, load average [\d.]+/);
  });

  it('names every bench, asked for help as docs/benchmarks.md does', () => {
    const guide = openGuide('docs/benchmarks.md', __filename);
    const { code, out } = bench(...argumentsOf(guide.take('Benchmarks')));
    expect(code).toBe(0);
    expect(BENCHES.filter(({ name }) => !out.includes(`\n  ${name} `))).toEqual([]);
    expect(guide.left()).toEqual([]);
  });

  it('prints a table for people', () => {
    const { code, out } = bench('render', '--count', '100');
    expect(code).toBe(0);
    expect(out).toMatch(/^render$/m);
    expect(out).toMatch(/^p99Us +[\d.,]+$/m);
  });

  it('ends with 1 and one sentence when it is asked for what it has not', () => {
    const { code, out, told } = bench('nothing');
    expect({ code, out, told }).toEqual({
      code: 1,
      out: '',
      told: 'There is no bench "nothing". There are broadcast, email, audience, render, import, messages.\n',
    });
  });
});
