import type { BenchRun } from '../bench/bench';
import { NO_PROFILING } from '../bench/profile/profiling';
import { parseCommand } from '../bench/command-line';
import type { Command } from '../bench/command-line';
import { BENCHES } from '../bench/registry';

/** What a command of docs/benchmarks.md asks for. @throws as the command line does. */
export function commandOf(text: string): Extract<Command, { kind: 'run' }> {
  const command = parseCommand(argumentsOf(text), BENCHES);
  if (command.kind !== 'run') throw new Error(`${text} measures nothing`);
  return command;
}

/** What stands behind `npm run bench --`. */
export function argumentsOf(text: string): string[] {
  const [, words] = /^npm run bench -- (.+)\n$/.exec(text) ?? [];
  if (words === undefined) throw new Error(`${text} is not one command of npm run bench`);
  return words.split(' ');
}

/** A run of a bench as the command line makes it, with what it says in `said`. Without variables it raises its own servers. */
export function benchRun(own: Partial<BenchRun> & Pick<BenchRun, 'size'>): BenchRun & { said: string[] } {
  const said: string[] = [];
  const environment = { ...process.env };
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'SMTP_FALLBACK_URLS'])
    delete environment[name];
  return {
    screen: { say: (...lines) => said.push(...lines), progress: () => undefined },
    profiling: NO_PROFILING,
    environment,
    interrupted: new AbortController().signal,
    ...own,
    said,
  };
}
