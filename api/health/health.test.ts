import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';

let service: TestService;
const leaving = new AbortController();
const parts = {
  smtp: (): Promise<void> => Promise.resolve(),
  redis: () => Promise.resolve('PONG'),
  temporal: (): Promise<void> => Promise.resolve(),
};
beforeAll(async () => {
  service = await startService({
    redis: { ping: () => parts.redis() },
    smtp: { ping: () => parts.smtp() },
    temporal: { ping: () => parts.temporal() },
    leaving: leaving.signal,
  });
});
afterAll(() => service.stop());

describe('GET /readyz', () => {
  it('200: names each part with its latency, and the zone data', async () => {
    const { status, body } = await service.anonymous('GET', '/readyz');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'ready',
      down: [],
      parts: {
        postgres: { status: 'up' },
        redis: { status: 'up' },
        smtp: { status: 'up' },
        temporal: { status: 'up' },
      },
      zoneData: { version: expect.stringMatching(/^\d{4}[a-z]+$/) },
    });
  });

  it('503: names what is down', async () => {
    parts.redis = () => Promise.reject(new Error('connection refused to 10.1.2.3'));
    const { status, body } = await service.anonymous('GET', '/readyz');
    expect([status, body.status, body.down]).toEqual([503, 'unready', ['redis']]);
    expect(JSON.stringify(body)).not.toContain('10.1.2.3');
    parts.redis = () => Promise.resolve('PONG');
  });

  it('503: does not wait for what never answers', async () => {
    parts.temporal = () => new Promise(() => undefined);
    const { status, body } = await service.anonymous('GET', '/readyz');
    expect([status, body.down]).toEqual([503, ['temporal']]);
    expect(body.parts.temporal.latencyMs).toBeLessThan(4_000);
    parts.temporal = () => Promise.resolve();
  });
});

describe('GET /readyz of a process that was asked to end', () => {
  beforeAll(() => leaving.abort());

  it('503: says that it is leaving, though every part is up', async () => {
    const { status, body } = await service.anonymous('GET', '/readyz');
    expect([status, body.status, body.down]).toEqual([503, 'leaving', []]);
  });

  it('503: names what is down all the same', async () => {
    parts.smtp = () => Promise.reject(new Error('refused'));
    const { body } = await service.anonymous('GET', '/readyz');
    expect([body.status, body.down]).toEqual(['leaving', ['smtp']]);
    parts.smtp = () => Promise.resolve();
  });
});

describe('GET /healthz', () => {
  it('200: is alive', async () => {
    expect((await service.anonymous('GET', '/healthz')).body).toEqual({ status: 'alive' });
  });
});
