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

/** The worker serves once it serves its metrics. */
export function workerService(
  setting: Setting,
  environment: NodeJS.ProcessEnv,
  metricsPort: number,
): Service {
  return {
    command: {
      file: process.execPath,
      args: ['--enable-source-maps', path.join(setting.root, 'dist', 'worker', 'main.js')],
      environment: { ...environment, SUNDIAL_WORKER_METRICS_PORT: String(metricsPort) },
    },
    ready: () => answersHttp(`http://127.0.0.1:${metricsPort}/metrics`),
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
export function apiService(setting: Setting, environment: NodeJS.ProcessEnv, port: number): Service {
  return {
    command: {
      file: process.execPath,
      args: ['--enable-source-maps', path.join(setting.root, 'dist', 'api', 'main.js')],
      environment: {
        SUNDIAL_SHUTDOWN_DRAIN_SECONDS: setting.environment['SUNDIAL_SHUTDOWN_DRAIN_SECONDS'] || '0',
        ...environment,
        PORT: String(port),
      },
    },
    ready: () => answersHttp(`http://127.0.0.1:${port}/healthz`),
  };
}
