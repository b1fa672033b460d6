import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../platform/config';
import { createKeyRing, type KeyRing } from '../../platform/crypto';
import { connectTemporal, type TemporalClient } from '../../platform/temporal';
import { createDataConverter } from '../../platform/data-converter';
import { createLogger } from '../../platform/logger';
import { type ApiClient, createApiClient } from '../../temporal-dev/demo/api-client';
import {
  apiService,
  applicationEnvironment,
  metricsUrl,
  workerService,
} from '../../temporal-dev/parts/applications';
import { answersHttp } from '../../temporal-dev/parts/probes';
import { workerParts } from '../../temporal-dev/parts/worker-processes';
import { BenchStopped } from '../bench';
import type { Profiling } from '../profile/profiling';
import type { Servers } from './servers';
import { refuseSharedQueue } from './shared-queue';
import { sumOf, type Usage, usageOf } from './process-usage';

/** Sundial as it runs in production: API and worker as processes of their own, over real servers. */
export interface Sundial {
  readonly api: ApiClient;
  readonly apiUrl: string;
  readonly keyRing: KeyRing;
  readonly temporal: TemporalClient;
  workerPid(): number;
  /** Of all workers together. */
  workerUsage(): Promise<Usage>;
  apiUsage(): Promise<Usage>;
  /** Ends the bench's own connection; the processes end with their servers. */
  close(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

export async function startSundial(
  { setting, keys, addresses, ports, supervisor }: Servers,
  smtp: string,
  profiling: Profiling,
): Promise<Sundial> {
  const environment: NodeJS.ProcessEnv = {
    ...applicationEnvironment(setting, keys, { ...addresses, smtp }),
    SUNDIAL_LOG_LEVEL: 'warn',
  };
  const keyRing = createKeyRing(loadConfig(environment).encryptionKeys);
  const temporal = connectTemporal(
    addresses.temporal,
    createDataConverter(keyRing, createLogger('bench', 'silent')),
  );
  if (setting.environment['TEMPORAL_ADDRESS']) await refuseSharedQueue(temporal, addresses.temporal);
  const workers = workerParts(setting.environment);
  const listen = { api: await ports.take(0), metrics: await Promise.all(workers.map(() => ports.take(0))) };
  const service = (metrics: number) => workerService(setting, environment, { api: listen.api, metrics });
  await Promise.all([
    ...workers.map((part, index) =>
      supervisor.start(part, () => {
        const worker = service(listen.metrics[index] ?? 0);
        // A profile is of one process.
        return Promise.resolve(index === 0 ? profiling.of(worker) : worker);
      }),
    ),
    supervisor.start('API', () => Promise.resolve(apiService(setting, environment, listen))),
  ]);
  const url = `http://127.0.0.1:${listen.api}`;
  await untilReady(url);
  return {
    api: createApiClient(url, keys.admin),
    apiUrl: url,
    keyRing,
    temporal,
    workerPid: () => supervisor.pids()['Worker'] ?? NaN,
    workerUsage: async () =>
      sumOf(await Promise.all(listen.metrics.map((port) => usageOf(metricsUrl(port))))),
    apiUsage: () => usageOf(metricsUrl(listen.api)),
    close: () => temporal.close(),
  };
}

async function untilReady(api: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await answersHttp(`${api}/readyz`).catch(() => false))) {
    if (performance.now() > deadline) {
      const answer = await fetch(`${api}/readyz`).then((response) => response.text(), String);
      throw new BenchStopped(`The API runs but does not get ready: ${answer}`);
    }
    await sleep(100);
  }
}
