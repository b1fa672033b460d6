import path from 'node:path';
import type { Keys } from '../setting/keys';
import type { Setting } from '../setting/setting';
import type { Service } from '../supervision/service';
import type { Addresses } from './addresses';
import { answersHttp } from './probes';

/** What every process of Sundial itself is told. */
export function applicationEnvironment(
  setting: Setting,
  keys: Keys,
  addresses: Addresses,
): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: addresses.postgres,
    REDIS_URL: addresses.redis,
    TEMPORAL_ADDRESS: addresses.temporal,
    SMTP_URL: addresses.smtp,
    SUNDIAL_ADMIN_KEY: keys.admin,
    SUNDIAL_ENCRYPTION_KEYS: keys.encryption,
    SUNDIAL_DATA_DIR: setting.data,
    SUNDIAL_TEMPORAL_UI_URL: addresses.temporalUi ?? '',
  };
}

/** Where the workers and the API of one stack listen. */
export interface ApplicationPorts {
  readonly api: number;
  /** Of each worker, in their order. */
  readonly metrics: readonly number[];
}

/** A worker serves once it serves its metrics. */
export function workerService(
  setting: Setting,
  environment: NodeJS.ProcessEnv,
  { api, metrics }: { readonly api: number; readonly metrics: number },
): Service {
  return {
    command: {
      file: process.execPath,
      args: ['--enable-source-maps', path.join(setting.root, 'dist', 'worker', 'main.js')],
      environment: {
        ...environment,
        SUNDIAL_PUBLIC_URL: setting.environment['SUNDIAL_PUBLIC_URL'] || `http://localhost:${api}`,
        SUNDIAL_WORKER_METRICS_PORT: String(metrics),
      },
    },
    ready: () => answersHttp(metricsUrl(metrics)),
  };
}

/** Decodes for the Web UI, and shows it on an address of its own when it is one that we run. */
export function codecService(
  setting: Setting,
  environment: NodeJS.ProcessEnv,
  { port, webUi }: { port: number; webUi: string | null },
): Service {
  return {
    command: {
      file: process.execPath,
      args: ['--enable-source-maps', path.join(setting.root, 'dist', 'temporal-dev', 'codec', 'main.js')],
      environment: {
        ...environment,
        SUNDIAL_CODEC_PORT: String(port),
        SUNDIAL_CODEC_WEB_UI: webUi ?? '',
      },
    },
    ready: () => answersHttp(`http://127.0.0.1:${port}/codec/healthz`),
  };
}

/**
 * Alive, not ready: an API whose Redis is away just now is no dead one. No load balancer stands before it, so that
 * it need not wait for one when it ends.
 */
export function apiService(
  setting: Setting,
  environment: NodeJS.ProcessEnv,
  { api, metrics }: ApplicationPorts,
): Service {
  return {
    command: {
      file: process.execPath,
      args: ['--enable-source-maps', path.join(setting.root, 'dist', 'api', 'main.js')],
      environment: {
        SUNDIAL_SHUTDOWN_DRAIN_SECONDS: setting.environment['SUNDIAL_SHUTDOWN_DRAIN_SECONDS'] || '0',
        ...environment,
        PORT: String(api),
        SUNDIAL_WORKER_METRICS_URLS:
          setting.environment['SUNDIAL_WORKER_METRICS_URLS'] || metrics.map(metricsUrl).join(),
      },
    },
    ready: () => answersHttp(`http://127.0.0.1:${api}/healthz`),
  };
}

export function metricsUrl(port: number): string {
  return `http://127.0.0.1:${port}/metrics`;
}
