import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { openGuide } from '../test/docs/guide';
import { parseCommand } from './command-line';

const parse = (line: string) => parseCommand(line.split(' ').filter(Boolean));

describe('the command line of a chaos run', () => {
  it('is one round with 20,000 people and any seed unless it says more', () => {
    expect(parse('')).toEqual({ kind: 'run', seed: null, people: 20_000, minutes: 0, output: 'text' });
    expect(parse('--seed 17 --minutes 90 --people=500 --json')).toEqual({
      kind: 'run',
      seed: 17,
      people: 500,
      minutes: 90,
      output: 'json',
    });
  });

  it.each([
    ['--seed x', '--seed "x" is no whole number from 0 to 4294967295.'],
    ['--people 5', '--people "5" is no whole number from 100 to 200000.'],
    ['--minutes -1', /--minutes/],
    [
      '--hours 3',
      "Unknown option '--hours'. The options are --seed, --minutes, --people, --json and --help.",
    ],
    ['17', /Unexpected argument '17'/],
  ])('refuses %s and says why', (line, why) => {
    expect(() => parse(line)).toThrow(why);
  });

  it('explains itself when it is asked as docs/chaos.md does', () => {
    const guide = openGuide('docs/chaos.md', __filename);
    const [, words = ''] = /^npm run chaos -- (.+)\n$/.exec(guide.take('Chaos')) ?? [];
    const program = path.join(__dirname, '..', 'dist', 'chaos', 'main.js');
    const { status, stdout } = spawnSync(process.execPath, [program, ...words.split(' ')], {
      encoding: 'utf8',
    });
    expect([status, guide.left()]).toEqual([0, []]);
    for (const option of ['--seed', '--minutes', '--people', '--json']) expect(stdout).toContain(option);
  });

  it('ends with 1 and one sentence when it is asked for what it has not', () => {
    const program = path.join(__dirname, '..', 'dist', 'chaos', 'main.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--people', '1'], {
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      '--people "1" is no whole number from 100 to 200000.\n',
    ]);
  });
});
