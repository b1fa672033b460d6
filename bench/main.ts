import { ApiAway, ApiRefusal } from '../temporal-dev/demo/api-client';
import { createScreen } from '../temporal-dev/demo/screen';
import { abortOnSignal, INTERRUPTED_CODE } from '../temporal-dev/demo/interruption';
import { dataDirectory, findRoot } from '../temporal-dev/setting/setting';
import type { Figures } from './bench';
import { BenchStopped } from './bench';
import { parseCommand } from './command-line';
import { figuresTable } from './figures-table';
import { loadLine, machineLine } from './machine';
import { createProfiling, NO_PROFILING } from './profile/profiling';
import { BENCHES } from './registry';

/** `npm run bench`, once everything is built: figures go to stdout, all else to stderr. */
export async function run({ args }: { args: readonly string[] }): Promise<void> {
  const interrupted = abortOnSignal();
  // Whatever happens, no server is left behind.
  process.once('uncaughtException', (error) => {
    process.stderr.write(`${textOf(error)}\n`);
    process.kill(process.pid, 'SIGTERM');
  });
  try {
    await obey(args, interrupted);
  } catch (error) {
    process.stderr.write(`${interrupted.aborted ? 'Interrupted.' : textOf(error)}\n`);
    process.exit(interrupted.aborted ? INTERRUPTED_CODE : 1);
  }
  // The engine of workflows keeps threads that would hold the process.
  process.exit(0);
}

async function obey(args: readonly string[], interrupted: AbortSignal): Promise<void> {
  const command = parseCommand(args, BENCHES);
  if (command.kind === 'help') return write(command.text);
  const { bench, size, output, profile } = command;
  const screen = createScreen(process.stderr);
  screen.say(machineLine());
  const folder = dataDirectory(findRoot(__dirname), process.env);
  const profiling =
    profile === 'wanted' ? createProfiling({ folder, bench: bench.name, screen }) : NO_PROFILING;
  const figures = await bench.run({ size, screen, profiling, environment: process.env, interrupted });
  screen.say(`At the end: ${loadLine()}.`);
  await write(output === 'json' ? `${JSON.stringify(figures)}\n` : tableOf(bench.name, figures));
}

function tableOf(name: string, figures: Figures): string {
  return `${['', ...figuresTable(name, figures), ''].join('\n')}\n`;
}

/** A pipe may take its time, and the process ends right after. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/** What a person can act on is a sentence; anything else is a fault of ours, and its stack tells where. */
function textOf(error: unknown): string {
  if (error instanceof BenchStopped || error instanceof ApiRefusal || error instanceof ApiAway)
    return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (require.main === module) void run({ args: process.argv.slice(2) });
