import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { loadZones } from '../../platform/zones';
import { dataDirectory, findRoot } from '../setting/setting';
import { ApiAway, ApiRefusal } from './api-client';
import { abortOnSignal, INTERRUPTED_CODE } from './interruption';
import { createPaint } from './paint';
import { runDemo } from './run-demo';
import { findRunningStack } from './running-stack';
import { createScreen } from './screen';
import { DemoStopped } from './stopped';

/** `npm run demo`, against the stack that `npm start` has started. With `--json` only the figures go to stdout. */
async function main(interrupted: AbortSignal): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const out = values.json ? process.stderr : process.stdout;
  const screen = createScreen(out);
  const demo = runDemo({
    stack: findRunningStack(dataDirectory(findRoot(__dirname), process.env), process.env),
    zones: loadZones(process.env['SUNDIAL_ZONE_DATA'] || undefined),
    screen,
    paint: createPaint(out, process.env),
    now: Date.now,
    interrupted,
    run: `run-${randomBytes(4).toString('hex')}`,
  });
  // Whatever is said next, an error perhaps, begins on a line of its own.
  const { figures, whole } = await demo.finally(() => screen.say());
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exitCode = whole ? 0 : 1;
}

/** What a person can act on is one line; anything else is a fault of ours, and its stack tells where. */
function textOf(error: unknown): string {
  if (error instanceof DemoStopped || error instanceof ApiRefusal || error instanceof ApiAway)
    return error.message;
  if (!(error instanceof Error)) return String(error);
  const wrongArguments = String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS');
  return wrongArguments
    ? `${error.message.split('.')[0]}. The only option is --json.`
    : (error.stack ?? error.message);
}

const interrupted = abortOnSignal();
main(interrupted).catch((error: unknown) => {
  process.stderr.write(`${textOf(error)}\n`);
  process.exitCode = interrupted.aborted ? INTERRUPTED_CODE : 1;
});
