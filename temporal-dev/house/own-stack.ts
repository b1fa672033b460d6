import { apiService, applicationEnvironment, workerService } from '../parts/applications';
import { createKeyRing } from '../../platform/crypto';
import type { KeyRing } from '../../platform/crypto';
import { createPorts } from '../setting/ports';
import { run } from '../ways/run';
import { openHouse } from './house';
import type { Resident } from './house';
import { raiseOwnServers } from './own-servers';
import type { OwnServers } from './own-servers';

/** An API process. */
export interface OwnApi extends Resident {
  readonly url: string;
}

/** A worker process. */
export interface OwnWorker extends Resident {
  readonly metricsUrl: string;
}

/** Servers, workers and APIs of one's own alone: real processes, which one may kill. */
export interface OwnStack extends OwnServers {
  readonly adminKey: string;
  /** What the processes seal addresses and payloads with. */
  readonly keyRing: KeyRing;
  /** The folder into which every process writes its log. */
  readonly logs: string;
  /** Resolves when the worker polls. */
  startWorker(environment?: NodeJS.ProcessEnv): Promise<OwnWorker>;
  /** Resolves when the API answers, ready or not. */
  startApi(environment?: NodeJS.ProcessEnv): Promise<OwnApi>;
  /** Ends everything that still runs and deletes all data. */
  end(): Promise<void>;
}

const KEY = { id: 'k1', key: Buffer.alloc(32, 7) };
const KEYS = {
  admin: 'admin-key-of-an-own-stack',
  encryption: `${KEY.id}:${KEY.key.toString('base64')}`,
  postgresPassword: 'test',
};

/** @param tell what takes time, of a server that has to be built or downloaded first */
export async function raiseOwnStack(
  tell: (part: string, note: string) => void = () => undefined,
): Promise<OwnStack> {
  const house = openHouse();
  const { setting } = house;
  const ports = createPorts();
  const servers = await raiseOwnServers(house, { take: () => ports.take(0) }, KEYS, tell);
  const environment = {
    ...applicationEnvironment(setting, KEYS, servers.addresses),
    SUNDIAL_MAIL_FROM: 'Sundial <sundial@example.com>',
  };
  const migrated = await run(process.execPath, [`${setting.root}/dist/prisma/migrate.js`], { environment });
  if (migrated.code !== 0) throw new Error(`The migration failed: ${migrated.output}`);

  const anyPorts = async () => ({ api: await ports.take(0), metrics: await ports.take(0) });

  return {
    ...servers,
    adminKey: KEYS.admin,
    keyRing: createKeyRing([KEY]),
    logs: setting.logs,
    async startWorker(own = {}) {
      const taken = await anyPorts();
      const service = workerService(setting, { ...environment, ...own }, taken);
      const metricsUrl = `http://127.0.0.1:${taken.metrics}/metrics`;
      return { ...(await house.take('Worker', service)), metricsUrl };
    },
    async startApi(own = {}) {
      const taken = await anyPorts();
      const service = apiService(setting, { ...environment, ...own }, { ...taken, metrics: [taken.metrics] });
      return { ...(await house.take('API', service)), url: `http://127.0.0.1:${taken.api}` };
    },
    end: () => house.close(),
  };
}
