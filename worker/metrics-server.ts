import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { blankPageMetrics } from '../platform/metrics';
import type { WorkerMeasurements } from '../platform/metrics';

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` for Prometheus, and for the API as JSON what it passes on. Nothing else. `port: 0` takes a free
 * one.
 */
export async function serveMetrics(registry: Registry, port: number): Promise<MetricsServer> {
  const worker = randomUUID();
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const asked =
      request.headers.accept === 'application/json'
        ? pageMeasurements(registry, worker)
        : registry.metrics().then((text) => ({ type: registry.contentType, text }));
    asked.then(
      ({ type, text }) => response.writeHead(200, { 'content-type': type }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await listening(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pageMeasurements(registry: Registry, worker: string): Promise<{ type: string; text: string }> {
  const names = new Set(
    blankPageMetrics()
      .getMetricsAsArray()
      .map(({ name }) => name),
  );
  const families = (await registry.getMetricsAsJSON()).filter(({ name }) => names.has(name));
  const measured: WorkerMeasurements = { worker, families };
  return { type: 'application/json', text: JSON.stringify(measured) };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
