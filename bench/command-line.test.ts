import type { Command } from './command-line';
import { parseCommand } from './command-line';
import { BENCHES } from './registry';

const parse = (line: string): Command => parseCommand(line.split(' ').filter(Boolean), BENCHES);

describe('the command line of the benches', () => {
  it.each([
    ['broadcast', 100_000],
    ['email', 20_000],
    ['audience', 1_000_000],
    ['render', 50_000],
    ['import', 1_000_000],
    ['messages', 50_000],
    ['idle', 1_000_000],
  ])('runs %s at its usual size, as a table and without a profile', (name, size) => {
    expect(parse(name)).toMatchObject({ bench: { name }, size, output: 'table', profile: 'none' });
  });

  it('takes size, --json and --profile on either side of the name', () => {
    const wanted = { kind: 'run', bench: { name: 'email' }, size: 500, output: 'json', profile: 'wanted' };
    expect(parse('email --recipients 500 --json --profile')).toMatchObject(wanted);
    expect(parse('--profile --json --recipients=500 email')).toMatchObject(wanted);
  });

  it.each(['--help', '-h', 'email --help'])(
    'explains itself at %s, naming every bench and its size',
    (line) => {
      const command = parse(line);
      const text = command.kind === 'help' ? command.text : '';
      for (const { name, size } of BENCHES) {
        expect(text).toContain(`  ${name}`);
        expect(text).toContain(`--${size.option} ${size.usual}`);
      }
    },
  );

  it.each([
    [
      '',
      'Which bench? There are broadcast, email, audience, render, import, messages, idle. --help says more.',
    ],
    ['sms', 'There is no bench "sms". There are broadcast, email, audience, render, import, messages, idle.'],
    ['email render', 'One bench at a time: "render" is too much.'],
    ['email --fast', "Unknown option '--fast'. The options are --json, --profile, --help, and the size."],
    ['render --recipients 5', '--recipients says nothing to render: its size is --count.'],
    ['email --count 5', '--count says nothing to email: its size is --recipients.'],
    ['email --recipients 9', '--recipients "9" is no whole number from 10 to 1000000'],
    ['email --recipients 1e5', '--recipients "1e5" is no whole number from 10 to 1000000'],
    ['email --recipients -5', "Option '--recipients' argument is ambiguous. The options are --json"],
    ['render --count 10000001', '--count "10000001" is no whole number from 100 to 10000000'],
  ])('refuses "%s" and says what there is instead', (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });
});
