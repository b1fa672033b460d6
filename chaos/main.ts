import { randomInt } from 'node:crypto';
import { ApiRefusal } from '../temporal-dev/demo/api-client';
import { abortOnSignal, INTERRUPTED_CODE } from '../temporal-dev/demo/interruption';
import { createScreen } from '../temporal-dev/demo/screen';
import { dataDirectory, findRoot } from '../temporal-dev/setting/setting';
import { parseCommand } from './command-line';
import { held, type Report } from './report';
import { runRounds } from './rounds';
import { ChaosStopped } from './stopped';
import { USAGE } from './usage';

/** `npm run chaos`, once everything is built. With `--json` all but the last line goes to stderr. */
export async function run({ args }: { args: readonly string[] }): Promise<void> {
  const interrupted = abortOnSignal();
  try {
    process.exit(await obey(args, interrupted));
  } catch (error) {
    process.stderr.write(`${interrupted.aborted ? 'Interrupted.' : textOf(error)}\n`);
    process.exit(interrupted.aborted ? INTERRUPTED_CODE : 1);
  }
}

/** Returns the exit code. */
async function obey(args: readonly string[], interrupted: AbortSignal): Promise<number> {
  const command = parseCommand(args);
  if (command.kind === 'help') {
    await write(USAGE);
    return 0;
  }
  const { people, minutes, output } = command;
  const screen = createScreen(output === 'json' ? process.stderr : process.stdout);
  const reports = await runRounds({
    seed: command.seed ?? randomInt(1_000_000),
    people,
    minutes,
    screen,
    folder: dataDirectory(findRoot(__dirname), process.env),
    interrupted,
  });
  const broken = reports.filter((report) => !held(report));
  screen.say(
    broken.length === 0
      ? `Every promise was held in ${reports.length === 1 ? 'one round' : `${reports.length} rounds`}.`
      : `A promise was broken by seed ${broken.map(({ seed }) => seed).join()}.`,
  );
  if (output === 'json') await write(`${JSON.stringify(summaryOf(reports))}\n`);
  return broken.length === 0 ? 0 : 1;
}

function summaryOf(reports: readonly Report[]) {
  return {
    held: reports.every(held),
    rounds: reports.map(({ findings, ...report }) => ({
      ...report,
      broken: findings.filter(({ violations }) => violations.length > 0),
    })),
  };
}

/** A pipe may take its time, and the process ends right after. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/** What a person can act on is a sentence; anything else is a fault of ours, and its stack tells where. */
function textOf(error: unknown): string {
  if (error instanceof ChaosStopped || error instanceof ApiRefusal) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (require.main === module) void run({ args: process.argv.slice(2) });
