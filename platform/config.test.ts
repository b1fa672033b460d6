import { loadConfig } from './config';

const key = Buffer.alloc(32, 1).toString('base64');
const complete = {
  DATABASE_URL: 'postgresql://sundial@localhost:5432/sundial',
  REDIS_URL: 'redis://localhost:6379',
  TEMPORAL_ADDRESS: 'localhost:7233',
  SMTP_URL: 'smtp://localhost:2525',
  SUNDIAL_ADMIN_KEY: 'an-admin-key-of-some-length',
  SUNDIAL_ENCRYPTION_KEYS: `k1:${key}`,
};

describe('the configuration', () => {
  it('fills in the defaults', () => {
    expect(loadConfig(complete)).toMatchObject({ port: 3000, defaultTimeZone: 'UTC', logLevel: 'info' });
  });

  it('takes an empty variable as not set', () => {
    expect(loadConfig({ ...complete, PORT: '', SUNDIAL_TEMPORAL_UI_URL: '' }).port).toBe(3000);
  });

  it('names every variable that is missing, with its meaning', () => {
    expect(() => loadConfig({})).toThrow(
      /DATABASE_URL is not set \(Postgres\.\)[\s\S]*REDIS_URL is not set[\s\S]*SUNDIAL_ENCRYPTION_KEYS is not set/,
    );
  });

  it.each([
    ['PORT', '70000'],
    ['DATABASE_URL', 'mysql://localhost/sundial'],
    ['REDIS_URL', 'localhost:6379'],
    ['TEMPORAL_ADDRESS', 'http://localhost:7233'],
    ['SMTP_URL', 'mail.example.com'],
    ['SUNDIAL_ADMIN_KEY', 'short'],
    ['SUNDIAL_ENCRYPTION_KEYS', `k1:${Buffer.alloc(16).toString('base64')}`],
    ['SUNDIAL_ENCRYPTION_KEYS', `K 1:${key}`],
    ['SUNDIAL_ENCRYPTION_KEYS', `k1:${key},k1:${key}`],
    ['SMTP_FALLBACK_URLS', 'smtp://localhost:2526,mail.example.com'],
    ['SMTP_FALLBACK_URLS', 'smtp://u:secret@a:25, smtp://u:secret@a:25'],
    ['SMTP_RATE_PER_SECOND', '-25'],
    ['SUNDIAL_WEBHOOK_RATE_PER_SECOND', 'fast'],
    ['SUNDIAL_WEBHOOK_URL', 'hooks.example.com'],
    ['SUNDIAL_WEBHOOK_SECRETS', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['SUNDIAL_WEBHOOK_SECRETS', `whsec_${key},`],
    ['SUNDIAL_NOOP_FAULTS', 'transient=often'],
    ['SUNDIAL_SHUTDOWN_DRAIN_SECONDS', '-1'],
    ['SUNDIAL_LOG_LEVEL', 'loud'],
    ['SUNDIAL_PUBLIC_URL', 'sundial.example.com'],
    ['SUNDIAL_WORKER_METRICS_URLS', 'http://a:1/metrics,worker:9464'],
  ])('refuses %s=%s and does not repeat a secret', (name, value) => {
    const attempt = () => loadConfig({ ...complete, [name]: value });
    expect(attempt).toThrow(new RegExp(`^The configuration is not usable:\\n  ${name} `));
    expect(attempt).not.toThrow(new RegExp(value.replaceAll(/[+/]/g, '\\$&')));
  });

  it('reads the mail servers that stand in, in their order', () => {
    const given = 'smtp://b:25, smtps://u:p@a:465';
    expect(loadConfig({ ...complete, SMTP_FALLBACK_URLS: given }).smtpFallbackUrls).toEqual([
      'smtp://b:25',
      'smtps://u:p@a:465',
    ]);
    expect(loadConfig(complete).smtpFallbackUrls).toEqual([]);
  });

  it('reads the addresses of workers, each once', () => {
    const given = 'http://a:9464/metrics, http://b:9464/metrics,http://a:9464/metrics';
    const { workerMetricsUrls } = loadConfig({ ...complete, SUNDIAL_WORKER_METRICS_URLS: given });
    expect(workerMetricsUrls).toEqual(['http://a:9464/metrics', 'http://b:9464/metrics']);
    expect(loadConfig(complete).workerMetricsUrls).toEqual([]);
  });

  it('reads an endpoint and what to sign with, and refuses one without the other', () => {
    const endpoint = { SUNDIAL_WEBHOOK_URL: 'https://hooks.example.com/sundial' };
    const secrets = { SUNDIAL_WEBHOOK_SECRETS: `whsec_${key}, ${key}` };
    expect(loadConfig({ ...complete, ...endpoint, ...secrets }).webhook).toEqual({
      url: 'https://hooks.example.com/sundial',
      secrets: [Buffer.alloc(32, 1), Buffer.alloc(32, 1)],
    });
    expect(loadConfig({ ...complete, ...secrets }).webhook).toBeNull();
    expect(() => loadConfig({ ...complete, ...endpoint })).toThrow(/SUNDIAL_WEBHOOK_SECRETS is not set/);
  });

  it('reads a ring of keys in their order', () => {
    const keys = loadConfig({ ...complete, SUNDIAL_ENCRYPTION_KEYS: `k2:${key}, k1:${key}` }).encryptionKeys;
    expect(keys.map(({ id }) => id)).toEqual(['k2', 'k1']);
  });
});
