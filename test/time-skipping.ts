import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { MINUTE, SECOND } from '../domain/time/instant';
import { SEARCH_ATTRIBUTES } from '../temporal-dev/parts/search-attributes';
import { addAttributes } from '../temporal-dev/parts/temporal-attributes';
import { findTimeSkippingServer } from '../temporal-dev/parts/time-skipping-server';
import { openSetting } from '../temporal-dev/setting/setting';
import { eventually } from './eventually';
import { freePort } from './free-port';

/**
 * A Temporal whose clock skips to the next timer while a result is awaited, with our search attributes registered:
 * an unknown one would wedge a workflow. Only the workflow's clock skips, an activity's stays real. It misbehaves
 * with dozens of workflows at once, so use one environment for one or a few.
 */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const { cache, logs } = openSetting(process.env);
  const server = await findTimeSkippingServer(cache, logs);
  const { environment, stop } = await startPatiently(server);
  const teardown = environment.teardown.bind(environment);
  environment.teardown = () => teardown().finally(stop);
  await addAttributes(environment.connection, Object.keys(SEARCH_ATTRIBUTES));
  return environment;
}

/**
 * To be called when a test's worker is gone. The Java server holds its clock for ever when a child workflow ends
 * after its parent, as our occurrences may: it lets go when the parent hears of the end, which a closed one does not.
 * The next test would then sleep in real time.
 */
export async function freeClock(environment: TestWorkflowEnvironment): Promise<void> {
  const skipped = environment.sleep(MINUTE).then(() => true);
  const skips = (): Promise<boolean> => Promise.race([skipped, delay(2 * SECOND, false, { ref: false })]);
  while (!(await skips())) {
    // Refused when nothing holds the clock and the answer to the sleep was only slow to come.
    await environment.connection.testService?.unlockTimeSkipping({}).catch(() => undefined);
  }
}

/** Java comes up in half the time; a test is over before a better compiler pays. */
const JAVA_OPTIONS = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';

const ALREADY_RUNNING = path.join(__dirname, 'already-running.sh');

/**
 * The SDK gives a server that it starts five seconds to answer, which a busy machine's Java does not always make:
 * so it is started here, and the SDK is told of a program that is up at once.
 */
async function startPatiently(file: string): Promise<{ environment: TestWorkflowEnvironment; stop(): void }> {
  const port = await freePort();
  const server = spawn(file, [String(port)], {
    stdio: 'ignore',
    env: { JAVA_TOOL_OPTIONS: JAVA_OPTIONS, ...process.env },
  });
  const stop = (): void => {
    server.kill();
  };
  process.once('exit', stop);
  await eventually('the time-skipping server listens', () => listens(server, port), { withinMs: 55_000 });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { port, executable: { type: 'existing-path', path: ALREADY_RUNNING } },
  });
  return { environment, stop };
}

async function listens(server: ChildProcess, port: number): Promise<boolean> {
  if (server.exitCode !== null)
    throw new Error(`the time-skipping server ended with code ${server.exitCode}`);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
