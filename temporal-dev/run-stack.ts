import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Board } from './board';
import type { Addresses } from './parts/addresses';
import {
  apiService,
  applicationEnvironment,
  codecService,
  metricsUrl,
  workerService,
} from './parts/applications';
import { answersHttp } from './parts/probes';
import { raiseServers } from './parts/raise-servers';
import { serverParts, STOP_ORDER } from './parts/server-parts';
import { workerParts } from './parts/worker-processes';
import { seed } from './seed';
import { type Keys, readKeys } from './setting/keys';
import { createPorts, type Ports } from './setting/ports';
import type { Setting } from './setting/setting';
import { describeStack, type Stack, stackFile } from './stack-file';
import { endLeftovers } from './supervision/end-leftovers';
import { openProcessRegister } from './supervision/process-register';
import { stopOnSignal } from './supervision/stop-on-signal';
import { createSupervisor, type Supervisor } from './supervision/supervisor';
import { lastLine, run } from './ways/run';

const READY_WITHIN_MS = 60_000;
const DEFAULT_PORT = 3000;
const CODEC_PORT = 8234;

/** Every part from nothing to ready. From here on the supervisor watches them, until a signal stops them all. */
export async function runStack(setting: Setting, board: Board): Promise<Stack> {
  const file = stackFile(setting.data);
  file.remove();
  const register = openProcessRegister(path.join(setting.data, 'processes.json'));
  const left = await endLeftovers(register);
  if (left.length > 0) board.say(`Ended what an earlier start had left running: ${left.join(', ')}.`);

  let addresses: Addresses | undefined;
  let api = '';
  const describe = (known: Addresses): Stack => describeStack(api, known, supervisor.pids());
  const supervisor = createSupervisor({
    board,
    register,
    logs: setting.logs,
    onChange: () => {
      if (addresses !== undefined && api !== '') file.write(describe(addresses));
    },
  });
  const stop = stopOnSignal(board, supervisor, STOP_ORDER, () => file.remove());
  try {
    const keys = readKeys(setting.data, setting.environment);
    const ports = createPorts();
    const raised = await raiseServers(serverParts(setting, keys), { board, ports, supervisor });
    const servers = await startCodec(setting, keys, raised, { board, ports, supervisor });
    api = await startApplications(setting, keys, servers, { board, ports, supervisor });
    addresses = servers;
    const stack = describe(servers);
    file.write(stack);
    return stack;
  } catch (error) {
    await stop.now();
    throw error;
  }
}

/** From here on the Web UI is where it can be read: a Web UI of our own is shown by the codec server. */
async function startCodec(
  setting: Setting,
  keys: Keys,
  addresses: Addresses,
  { board, ports, supervisor }: { board: Board; ports: Ports; supervisor: Supervisor },
): Promise<Addresses> {
  const webUi = setting.environment['TEMPORAL_ADDRESS'] ? null : addresses.temporalUi;
  const environment = applicationEnvironment(setting, keys, addresses);
  let shown = '';
  await supervisor.start('Codec', async () => {
    const port = await ports.take(CODEC_PORT);
    shown = `http://127.0.0.1:${port}`;
    return codecService(setting, environment, { port, webUi });
  });
  const codec = `${shown}/codec`;
  board.done('Codec', `decodes for the Web UI, sign in at ${codec}`);
  return { ...addresses, codec, temporalUi: webUi === null ? addresses.temporalUi : shown };
}

async function startApplications(
  setting: Setting,
  keys: Keys,
  addresses: Addresses,
  { board, ports, supervisor }: { board: Board; ports: Ports; supervisor: Supervisor },
): Promise<string> {
  const environment = applicationEnvironment(setting, keys, addresses);
  await migrate(setting, environment, board);
  const wanted = Number(setting.environment['PORT']) || DEFAULT_PORT;
  const workers = workerParts(setting.environment);
  // Each is told where the others are, so all ports are taken first; another one only when a start has failed.
  const port = {
    api: await ports.take(wanted),
    metrics: await Promise.all(workers.map(() => ports.take(0))),
  };
  const again = new Set<string>();
  const startWorker = (part: string, index: number): Promise<void> =>
    supervisor.start(part, async () => {
      if (again.has(part)) port.metrics[index] = await ports.take(0);
      again.add(part);
      return workerService(setting, environment, { api: port.api, metrics: port.metrics[index] ?? 0 });
    });
  await Promise.all([
    ...workers.map(startWorker),
    supervisor.start('API', async () => {
      if (again.has('API')) port.api = await ports.take(wanted);
      again.add('API');
      return apiService(setting, environment, port);
    }),
  ]);
  workers.forEach((part, index) => {
    board.done(part, `runs, metrics at ${metricsUrl(port.metrics[index] ?? 0)}`);
  });
  const api = `http://localhost:${port.api}`;
  await untilReady(api);
  if (!setting.environment['DATABASE_URL']) await seed(api, keys.admin, setting.data);
  board.done('API', `runs at ${api}${port.api === wanted ? '' : `, because port ${wanted} is taken`}`);
  return api;
}

async function migrate(setting: Setting, environment: NodeJS.ProcessEnv, board: Board): Promise<void> {
  board.busy('API', 'migrating the database');
  const log = path.join(setting.logs, 'migrate.log');
  const migrated = await run(process.execPath, [path.join(setting.root, 'dist', 'prisma', 'migrate.js')], {
    environment,
    log,
  });
  if (migrated.code !== 0) throw new Error(`The migration failed: ${lastLine(migrated)} (log: ${log})`);
}

async function untilReady(api: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await answersHttp(`${api}/readyz`).catch(() => false))) {
    if (performance.now() > deadline) {
      const answer = await fetch(`${api}/readyz`).then((response) => response.text(), String);
      throw new Error(`The API runs but does not get ready: ${answer}`);
    }
    await sleep(100);
  }
}
