import { parseArgs } from 'node:util';
import { ChaosStopped } from './stopped';

export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      /** Null: any. */
      readonly seed: number | null;
      readonly people: number;
      readonly minutes: number;
      readonly output: 'json' | 'text';
    };

const OPTIONS = {
  seed: { usual: null, least: 0, most: 4_294_967_295 },
  people: { usual: 20_000, least: 100, most: 200_000 },
  minutes: { usual: 0, least: 0, most: 100_000 },
} as const;

type Name = keyof typeof OPTIONS;

/** Reads what stands behind `npm run chaos --`. @throws ChaosStopped naming what is wrong */
export function parseCommand(args: readonly string[]): Command {
  const values = read(args);
  if (values.help) return { kind: 'help' };
  return {
    kind: 'run',
    seed: numberOf('seed', values.seed),
    people: numberOf('people', values.people) ?? OPTIONS.people.usual,
    minutes: numberOf('minutes', values.minutes) ?? OPTIONS.minutes.usual,
    output: values.json ? 'json' : 'text',
  };
}

function read(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        people: { type: 'string' },
        minutes: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    const [said = ''] = String(error)
      .replace(/^\w+( \[\w+\])?: /, '')
      .split(/\.(?:\s|$)/);
    throw new ChaosStopped(`${said}. The options are --seed, --minutes, --people, --json and --help.`);
  }
}

function numberOf(name: Name, given: string | undefined): number | null {
  if (given === undefined) return null;
  const { least, most } = OPTIONS[name];
  const number = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new ChaosStopped(`--${name} "${given}" is no whole number from ${least} to ${most}.`);
}
