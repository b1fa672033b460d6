import { createWorkerMetrics } from '../platform/metrics';
import { serveMetrics } from './metrics-server';
import type { MetricsServer } from './metrics-server';

describe('the metrics server', () => {
  let server: MetricsServer;
  const metrics = createWorkerMetrics();

  beforeAll(async () => {
    server = await serveMetrics(metrics.registry, 0);
  });

  afterAll(() => server.close());

  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${server.port}${path}`);

  it('answers /metrics as Prometheus reads it', async () => {
    metrics.sent.inc({ channel: 'email', provider: 'smtp' });
    const response = await get('/metrics');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    await expect(response.text()).resolves.toContain(
      'worker_notifications_sent_total{channel="email",provider="smtp"} 1',
    );
  });

  it('answers nothing else', async () => {
    expect((await get('/')).status).toBe(404);
  });

  it('says 500 when a measurement cannot be taken, and lives on', async () => {
    const broken = jest.spyOn(metrics.registry, 'metrics').mockRejectedValueOnce(new Error('no'));
    expect((await get('/metrics')).status).toBe(500);
    broken.mockRestore();
    expect((await get('/metrics')).status).toBe(200);
  });

  it('refuses a port that is taken', async () => {
    await expect(serveMetrics(metrics.registry, server.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
