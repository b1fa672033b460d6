import path from 'node:path';
import type { Addresses } from '../../temporal-dev/parts/addresses';
import { raiseServers } from '../../temporal-dev/parts/raise-servers';
import { serverParts, STOP_ORDER } from '../../temporal-dev/parts/server-parts';
import { readKeys, type Keys } from '../../temporal-dev/setting/keys';
import { createPorts, type Ports } from '../../temporal-dev/setting/ports';
import type { Setting } from '../../temporal-dev/setting/setting';
import { openProcessRegister } from '../../temporal-dev/supervision/process-register';
import { createSupervisor, type Supervisor } from '../../temporal-dev/supervision/supervisor';
import { openDatabase, type Database } from '../../store/database';
import type { BenchRun } from '../bench';
import { quietBoard } from './board';
import { createOwnDatabase, type OwnDatabase } from './database';
import { benchSetting, keepLogs, throwAway } from './setting';

/** The servers of one bench, and a database of its own among them. */
export interface Servers {
  /** `postgres` is the bench's own database. */
  readonly addresses: Addresses;
  readonly db: Database;
  readonly setting: Setting;
  readonly keys: Keys;
  readonly ports: Ports;
  readonly supervisor: Supervisor;
}

/** As many as a worker has: the baselines run in this process. */
const OWN_CONNECTIONS = 20;

/** Raises what the variables do not name, and leaves nothing behind, however `use` ends. */
export async function withServers<T>(
  { environment, screen, interrupted }: Pick<BenchRun, 'environment' | 'screen' | 'interrupted'>,
  use: (servers: Servers) => Promise<T>,
): Promise<T> {
  const setting = benchSetting(environment);
  const board = quietBoard(screen);
  const register = openProcessRegister(path.join(setting.data, 'processes.json'));
  const supervisor = createSupervisor({ board, register, logs: setting.logs, onChange: () => undefined });
  const ports = anyPorts();
  // Nobody waits any longer for a part that is asked to end while it is still coming up.
  const stop = (): Promise<void> => supervisor.stop(['Sink', ...STOP_ORDER], AbortSignal.timeout(30_000));
  interrupted.addEventListener('abort', () => void stop(), { once: true });
  let own: OwnDatabase | undefined;
  try {
    const keys = readKeys(setting.data, {});
    const raised = await raiseServers(serverParts(setting, keys), { board, ports, supervisor });
    own = await createOwnDatabase(raised.postgres, path.join(setting.logs, 'migrate.log'));
    interrupted.throwIfAborted();
    const addresses = { ...raised, postgres: own.url };
    const db = openDatabase(own.url, { maxConnections: OWN_CONNECTIONS });
    try {
      return await use({ addresses, db, setting, keys, ports, supervisor });
    } finally {
      await db.close();
    }
  } catch (error) {
    if (!interrupted.aborted) screen.say(`The logs are in ${keepLogs(setting)}.`);
    throw error;
  } finally {
    await stop();
    // A server of our own goes with its folder.
    if (environment['DATABASE_URL']) await own?.drop();
    throwAway(setting);
  }
}

/** Never the usual ones: a stack that somebody works with may want to start in the meantime. */
function anyPorts(): Ports {
  const ports = createPorts();
  return { take: () => ports.take(0) };
}
