import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

// Every name belongs to one kind of process, so that a sum over all that are scraped counts nothing twice
// (docs/metrics.md). Labels never hold personal data, nor anything without a bound.

/** What the API measures, and what it reads from Postgres at every scrape. */
export interface ApiMetrics {
  readonly registry: Registry;
  readonly sent: Counter<'channel' | 'provider'>;
  readonly failed: Counter<'channel' | 'provider'>;
  readonly schedulesActive: Gauge;
  readonly httpRequest: Histogram<'method' | 'route' | 'status'>;
  /** Whether each worker that the API passes on answered at this scrape. */
  readonly workerUp: Gauge<'worker'>;
}

/** What the pages of a worker measure, and the API may pass on. */
export interface PageMetrics {
  readonly rateLimited: Counter<'channel' | 'provider'>;
  readonly lateness: Histogram<'channel'>;
  readonly render: Histogram<'channel'>;
  readonly page: Histogram;
}

/** What one worker measures of its own work since it started. */
export interface WorkerMetrics extends PageMetrics {
  readonly registry: Registry;
  readonly sent: Counter<'channel' | 'provider'>;
  readonly failed: Counter<'channel' | 'provider'>;
  /** 1 while nothing is asked of a provider because it has been failing. */
  readonly circuitOpen: Gauge<'channel' | 'provider'>;
}

/** What a worker tells the API. */
export interface WorkerMeasurements {
  /** Of this process and no other: whoever asks it under two addresses counts it once. */
  readonly worker: string;
  readonly families: readonly object[];
}

/** A registry of its own for every call, so that tests in one process do not share counts. */
export function createApiMetrics(): ApiMetrics {
  const registry = newRegistry('api');
  const registers = [registry];
  return {
    registry,
    sent: new Counter({
      name: 'notifications_sent_total',
      help: 'Messages that a provider accepted.',
      labelNames: ['channel', 'provider'],
      registers,
    }),
    failed: new Counter({
      name: 'notifications_failed_total',
      help: 'Messages that ended as failed.',
      labelNames: ['channel', 'provider'],
      registers,
    }),
    schedulesActive: new Gauge({
      name: 'schedules_active',
      help: 'Schedules that something is still to come of.',
      registers,
    }),
    httpRequest: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Answers of the API by route pattern.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2.5],
      registers,
    }),
    workerUp: new Gauge({
      name: 'sundial_worker_scrape_up',
      help: 'Whether a worker of SUNDIAL_WORKER_METRICS_URLS answered at this scrape.',
      labelNames: ['worker'],
      registers,
    }),
  };
}

/** As `createApiMetrics`, for a worker. */
export function createWorkerMetrics(): WorkerMetrics {
  const registry = newRegistry('worker');
  const registers = [registry];
  return {
    registry,
    sent: new Counter({
      name: 'worker_notifications_sent_total',
      help: 'Messages of this process that a provider accepted.',
      labelNames: ['channel', 'provider'],
      registers,
    }),
    failed: new Counter({
      name: 'worker_notifications_failed_total',
      help: 'Messages of this process that ended as failed.',
      labelNames: ['channel', 'provider'],
      registers,
    }),
    circuitOpen: new Gauge({
      name: 'sundial_provider_circuit_open',
      help: '1 while this process asks nothing of the provider, because it has been failing.',
      labelNames: ['channel', 'provider'],
      registers,
    }),
    ...pageMetrics(registers),
  };
}

/** The page's measurements before anything was measured: what the API shows of a worker that has not answered. */
export function blankPageMetrics(): Registry {
  const registry = new Registry();
  pageMetrics([registry]);
  return registry;
}

function pageMetrics(registers: Registry[]): PageMetrics {
  return {
    rateLimited: new Counter({
      name: 'notifications_rate_limited_total',
      help: 'Sends that a provider put off because it was asked too often.',
      labelNames: ['channel', 'provider'],
      registers,
    }),
    lateness: new Histogram({
      name: 'notification_lateness_seconds',
      help: "From a message's due instant to the provider's acceptance.",
      labelNames: ['channel'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
      registers,
    }),
    render: new Histogram({
      name: 'notification_render_seconds',
      help: 'Rendering of one message.',
      labelNames: ['channel'],
      buckets: [0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.005, 0.05],
      registers,
    }),
    page: new Histogram({
      name: 'notification_page_seconds',
      help: 'One page of people, from audience to recorded outcomes.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
  };
}

/** With the measurements of the process, which both kinds have: the label tells them apart. */
function newRegistry(kind: 'api' | 'worker'): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, labels: { process: kind } });
  return registry;
}
