import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createWorkerMetrics } from '../../platform/metrics';
import type { WorkerMetrics } from '../../platform/metrics';
import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';
import { serveMetrics } from '../../worker/metrics-server';
import type { MetricsServer } from '../../worker/metrics-server';

/** contract.md "Metrics". */
const PROMISED = [
  'notifications_sent_total',
  'notifications_failed_total',
  'notifications_rate_limited_total',
  'notification_lateness_seconds',
  'notification_render_seconds',
  'notification_page_seconds',
  'schedules_active',
  'http_request_duration_seconds',
];

const smtp = { channel: 'email', provider: 'smtp' };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openWorker(): Promise<{ metrics: WorkerMetrics; server: MetricsServer; url: string }> {
  const metrics = createWorkerMetrics();
  const server = await serveMetrics(metrics.registry, 0);
  closing.push(() => server.close());
  return { metrics, server, url: `http://127.0.0.1:${server.port}/metrics` };
}

/** Something else than a worker on a port of its own. */
async function openServer(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/metrics`;
}

async function openApi(workerMetricsUrls: string[]): Promise<TestService> {
  const config = {
    adminKey: 'x'.repeat(20),
    temporalUiUrl: undefined,
    importMaxBytes: 1_000_000,
    webhook: null,
    workerMetricsUrls,
  };
  const service = await startService({ config });
  closing.push(() => service.stop());
  return service;
}

async function scrape(service: TestService): Promise<string> {
  const { status, body } = await service.anonymous('GET', '/metrics');
  expect(status).toBe(200);
  return body;
}

const families = (text: string): string[] =>
  [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? '');

describe('GET /metrics', () => {
  it('names everything that is promised, each once, whether there are workers or not', async () => {
    const names = families(await scrape(await openApi([])));
    expect(names).toEqual(expect.arrayContaining(PROMISED));
    expect(new Set(names).size).toBe(names.length);
  });

  it('adds up what the pages of all workers measured, at every scrape afresh', async () => {
    const [first, second] = [await openWorker(), await openWorker()];
    const api = await openApi([first.url, second.url]);
    first.metrics.rateLimited.inc(smtp, 2);
    second.metrics.rateLimited.inc(smtp, 3);
    first.metrics.lateness.observe({ channel: 'email' }, 0.03);
    second.metrics.lateness.observe({ channel: 'email' }, 7);
    second.metrics.page.observe(0.2);
    for (let time = 0; time < 2; time += 1) {
      const text = await scrape(api);
      expect(text).toContain('notifications_rate_limited_total{channel="email",provider="smtp"} 5');
      expect(text).toContain('notification_lateness_seconds_bucket{le="0.05",channel="email"} 1');
      expect(text).toContain('notification_lateness_seconds_count{channel="email"} 2');
      expect(text).toContain('notification_page_seconds_count 1');
      expect(text).toContain(`sundial_worker_scrape_up{worker="127.0.0.1:${first.server.port}"} 1`);
    }
    first.metrics.rateLimited.inc(smtp);
    expect(await scrape(api)).toContain(
      'notifications_rate_limited_total{channel="email",provider="smtp"} 6',
    );
  });

  it('passes on nothing else of a worker, and counts one that has two addresses once', async () => {
    const { metrics, url, server } = await openWorker();
    metrics.sent.inc(smtp);
    metrics.rateLimited.inc(smtp);
    const text = await scrape(await openApi([url, `http://localhost:${server.port}/metrics`]));
    expect(text).toContain('notifications_rate_limited_total{channel="email",provider="smtp"} 1\n');
    expect(text).not.toContain('worker_notifications_sent_total');
    const names = families(text);
    expect(new Set(names).size).toBe(names.length);
  });

  it('says of a worker that is away, falls silent or talks nonsense that it did not answer, in bounded time', async () => {
    const alive = await openWorker();
    alive.metrics.rateLimited.inc(smtp);
    const gone = await openWorker();
    await gone.server.close();
    const silent = await openServer(createServer(() => undefined));
    const nonsense = await openServer(
      createServer((_, response) => response.end('{"families":[{"name":1}]}')),
    );
    const started = performance.now();
    const text = await scrape(await openApi([gone.url, silent, nonsense, alive.url]));
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(text).toContain('notifications_rate_limited_total{channel="email",provider="smtp"} 1');
    for (const url of [gone.url, silent, nonsense]) {
      expect(text).toContain(`sundial_worker_scrape_up{worker="${new URL(url).host}"} 0`);
    }
  });
});
