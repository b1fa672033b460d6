import { parseArgs } from 'node:util';
import type { Bench, Size } from './bench';
import { BenchStopped } from './bench';
import { usage } from './usage';

export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'run';
      readonly bench: Bench;
      readonly size: number;
      readonly output: 'json' | 'table';
      readonly profile: 'wanted' | 'none';
    };

/** Reads what stands behind `npm run bench --`. @throws BenchStopped naming what is wrong, and what there is instead */
export function parseCommand(args: readonly string[], benches: readonly Bench[]): Command {
  const { values, positionals } = read(args);
  if (values.help) return { kind: 'help', text: usage(benches) };
  const [name, ...others] = positionals;
  const list = benches.map((bench) => bench.name).join(', ');
  if (name === undefined) throw new BenchStopped(`Which bench? There are ${list}. --help says more.`);
  const bench = benches.find((known) => known.name === name);
  if (bench === undefined) throw new BenchStopped(`There is no bench "${name}". There are ${list}.`);
  if (others.length > 0) throw new BenchStopped(`One bench at a time: "${others.join(' ')}" is too much.`);
  return {
    kind: 'run',
    bench,
    size: sizeOf(bench, values),
    output: values.json ? 'json' : 'table',
    profile: values.profile ? 'wanted' : 'none',
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        recipients: { type: 'string' },
        count: { type: 'string' },
        pending: { type: 'string' },
      },
    });
  } catch (error) {
    throw new BenchStopped(`${reasonOf(error)}. The options are --json, --profile, --help, and the size.`);
  }
}

/** The first sentence of what Node says, without the kind of its error. */
function reasonOf(error: unknown): string {
  const said = String(error).replace(/^\w+( \[\w+\])?: /, '');
  return said.split(/\.(?:\s|$)/)[0] ?? said;
}

function sizeOf({ name, size }: Bench, values: Partial<Record<Size['option'], string>>): number {
  for (const option of ['recipients', 'count', 'pending'] as const) {
    if (option === size.option || values[option] === undefined) continue;
    throw new BenchStopped(`--${option} says nothing to ${name}: its size is --${size.option}.`);
  }
  const given = values[size.option];
  if (given === undefined) return size.usual;
  const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (number >= size.least && number <= size.most) return number;
  throw new BenchStopped(
    `--${size.option} "${given}" is no whole number from ${size.least} to ${size.most} (${size.meaning}).`,
  );
}
