import { z } from 'zod';
import type { ChannelName } from '../domain/delivery/channel';
import { parseFaults } from '../domain/delivery/faults';
import type { Faults } from '../domain/delivery/faults';
import type { RedisMode } from './redis';

/** One key of the ring: AES-256, 32 bytes. The first of the list writes, all of them read. */
export interface EncryptionKey {
  id: string;
  key: Buffer;
}

/** `id:base64,id:base64`: what SUNDIAL_ENCRYPTION_KEYS holds. */
const encryptionKeys = z.string().transform((text, context): EncryptionKey[] => {
  const keys = text.split(',').map((entry) => {
    const [id = '', encoded = ''] = entry.trim().split(/:(.*)/s);
    return { id, key: Buffer.from(encoded, 'base64') };
  });
  for (const { id, key } of keys) {
    if (!/^[a-z0-9-]{1,20}$/.test(id)) {
      context.addIssue('every key needs an id of 1-20 characters of a-z, 0-9 and "-", as in "k1:<base64>"');
    } else if (key.length !== 32) {
      context.addIssue(`key "${id}" has ${key.length} bytes: it needs 32, encoded as base64`);
    }
  }
  if (new Set(keys.map(({ id }) => id)).size < keys.length) context.addIssue('two keys have the same id');
  return keys;
});

function url(...schemes: string[]): z.ZodType<string> {
  const shape = `${schemes.map((scheme) => `${scheme}://`).join(' or ')}host:port`;
  return z
    .string()
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
      message: `must look like ${shape}`,
    });
}

/** `http://host:port/path,http://host:port/path`; each counts once. */
const addresses = z.string().transform((text, context): string[] => {
  const given = new Set(text.split(',').map((part) => part.trim()));
  const wrong = [...given].some((part) => !URL.canParse(part) || !/^https?:$/.test(new URL(part).protocol));
  if (wrong) context.addIssue('must hold addresses such as http://host:port/metrics, separated by commas');
  return [...given];
});

/** `smtp://host:port,smtps://user:password@host:port`; each stands once. */
const mailServers = z.string().transform((text, context): string[] => {
  const given = text.split(',').map((part) => part.trim());
  const smtp = url('smtp', 'smtps');
  if (given.some((part) => !smtp.safeParse(part).success)) {
    context.addIssue('must hold addresses such as smtp://host:port, separated by commas');
  }
  if (new Set(given).size < given.length) context.addIssue('names a mail server twice');
  return given;
});

/**
 * The horizon within which the ledger is looked back into: a hold lasts a week at the most, caps are counted anew from
 * eleven days, and a backup of Temporal that is restored may be some weeks old.
 */
const LEAST_LEDGER_DAYS = 30;

/** Bytes that a signing secret may have (Standard Webhooks 1.0). */
const SECRET_BYTES = { least: 24, most: 64 };

/** `whsec_base64,whsec_base64`: what SUNDIAL_WEBHOOK_SECRETS holds. */
const webhookSecrets = z.string().transform((text, context): Buffer[] => {
  const secrets = text.split(',').map((entry) => Buffer.from(entry.trim().replace(/^whsec_/, ''), 'base64'));
  if (secrets.some(({ length }) => length < SECRET_BYTES.least || length > SECRET_BYTES.most)) {
    context.addIssue(
      `must hold secrets of ${SECRET_BYTES.least} to ${SECRET_BYTES.most} bytes as in whsec_<base64>, separated by commas`,
    );
  }
  return secrets;
});

const noopFaults = z.string().transform((text, context): Faults => {
  const parsed = parseFaults(text);
  if (parsed.kind === 'ok') return parsed.value;
  context.addIssue(parsed.reason);
  return z.NEVER;
});

const rate = z.coerce.number().positive().max(1_000_000).optional();

const port = z.coerce.number().int().min(0).max(65_535);

/**
 * Every environment variable that a Sundial process reads, with its meaning and default.
 * A variable that is set but empty counts as not set.
 */
export const configSchema = z.object({
  PORT: port.default(3000).describe('Port of the API.'),
  DATABASE_URL: url('postgres', 'postgresql').describe('Postgres.'),
  REDIS_URL: url('redis', 'rediss').describe('Redis.'),
  SUNDIAL_REDIS_MODE: z
    .enum(['single', 'cluster'])
    .default('single')
    .describe('`cluster` when `REDIS_URL` names one node of a Redis Cluster.'),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^/:\s]+:\d+$|^\[[^\]]+\]:\d+$/, 'must look like host:port')
    .describe('Frontend of the Temporal server.'),
  SMTP_URL: url('smtp', 'smtps').describe('Mail server that carries the email channel.'),
  SMTP_FALLBACK_URLS: mailServers
    .optional()
    .describe(
      'Mail servers that are asked when `SMTP_URL` cannot be reached, separated by commas, in this order.',
    ),
  SMTP_RATE_PER_SECOND: rate.describe(
    'Mails a second that a mail server is given by all workers together; without one as many as it takes without complaint.',
  ),
  SUNDIAL_MAIL_FROM: z
    .string()
    .default('Sundial <sundial@localhost>')
    .describe('Sender of every mail, as in `Name <address>`.'),
  SUNDIAL_WEBHOOK_URL: url('http', 'https')
    .optional()
    .describe(
      'Endpoint that the channel `webhook` posts messages to; without one the channel is not offered.',
    ),
  SUNDIAL_WEBHOOK_SECRETS: webhookSecrets
    .optional()
    .describe(
      'What those requests are signed with, needed beside the endpoint: `whsec_<base64>,...`, 24 to 64 bytes each. The first is the one in use; every one signs, so that a secret can be replaced without a gap.',
    ),
  SUNDIAL_WEBHOOK_RATE_PER_SECOND: rate.describe('As `SMTP_RATE_PER_SECOND`, for that endpoint.'),
  SUNDIAL_ADMIN_KEY: z
    .string()
    .min(16, 'must have at least 16 characters')
    .describe('API key of the administrator.'),
  SUNDIAL_ENCRYPTION_KEYS: encryptionKeys.describe(
    'Keys that wrap the key of each person and encrypt what Temporal is given: `id:base64,...`, 32 bytes each. The first one writes, all of them read.',
  ),
  SUNDIAL_DEFAULT_TIME_ZONE: z
    .string()
    .default('UTC')
    .describe('IANA zone of people for whom no zone is known.'),
  SUNDIAL_ZONE_DATA: z
    .string()
    .optional()
    .describe('Path of a zone data file to use instead of the one that ships with this version.'),
  SUNDIAL_TEMPORAL_UI_URL: url('http', 'https')
    .optional()
    .describe("Address of Temporal's Web UI, for links in API answers."),
  SUNDIAL_IMPORT_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(1_073_741_824)
    .describe('Largest file that an import takes, in bytes, once it is decompressed.'),
  SUNDIAL_LEDGER_DAYS: z.coerce
    .number()
    .int()
    .min(LEAST_LEDGER_DAYS, `must be at least ${LEAST_LEDGER_DAYS}: caps and holds look back into the ledger`)
    .default(400)
    .describe(
      `How many days what became of each person is kept, at least ${LEAST_LEDGER_DAYS}; sums are kept for ever.`,
    ),
  SUNDIAL_SHUTDOWN_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3_600)
    .default(5)
    .describe(
      'How long the API goes on serving after it was asked to end, while `/readyz` already answers 503: longer than a load balancer takes to notice.',
    ),
  SUNDIAL_PUBLIC_URL: url('http', 'https')
    .optional()
    .describe("Address under which people reach the API, for links in Temporal's Web UI."),
  SUNDIAL_WORKER_METRICS_PORT: port
    .default(9464)
    .describe('Port on which the worker serves its Prometheus metrics; 0 takes a free one.'),
  SUNDIAL_WORKER_METRICS_URLS: addresses
    .optional()
    .describe(
      "Where workers serve their metrics, separated by commas: the API's own `/metrics` then shows theirs as well.",
    ),
  SUNDIAL_NOOP_FAULTS: noopFaults
    .optional()
    .describe(
      'For rehearsals: how the channel `noop` fails on purpose, as in `seed=7,transient=0.05,rate-limited:500=0.02,latency=5-50` (docs/adding-a-channel.md).',
    ),
  SUNDIAL_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe level that is logged.'),
});

export interface WebhookEndpoint {
  readonly url: string;
  readonly secrets: readonly Buffer[];
}

/** What a process was told. Secrets inside: never log it. */
export interface Config {
  port: number;
  databaseUrl: string;
  redisUrl: string;
  redisMode: RedisMode;
  temporalAddress: string;
  smtpUrl: string;
  smtpFallbackUrls: readonly string[];
  mailFrom: string;
  /** Null when the installation has no endpoint for the channel `webhook`. */
  webhook: WebhookEndpoint | null;
  /** Messages a second that each provider of a channel takes; without one as many as come. */
  ratesPerSecond: Readonly<Partial<Record<ChannelName, number | undefined>>>;
  adminKey: string;
  encryptionKeys: EncryptionKey[];
  defaultTimeZone: string;
  zoneDataPath: string | undefined;
  temporalUiUrl: string | undefined;
  importMaxBytes: number;
  ledgerDays: number;
  shutdownDrainMs: number;
  publicUrl: string | undefined;
  /** How the channel `noop` fails on purpose; null: never. */
  noopFaults: Faults | null;
  workerMetricsPort: number;
  workerMetricsUrls: readonly string[];
  logLevel: string;
}

/** Names every variable that is missing or wrong, all at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the configuration from environment variables.
 * @throws ConfigError naming each wrong variable and how it must look. Values are not repeated: they may be secret.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return given[name] === undefined
        ? `  ${name} is not set (${configSchema.shape[name as keyof typeof configSchema.shape].description ?? ''})`
        : `  ${name} ${issue.message}`;
    });
    throw new ConfigError(`The configuration is not usable:\n${lines.join('\n')}`);
  }
  const values = parsed.data;
  return {
    port: values.PORT,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    redisMode: values.SUNDIAL_REDIS_MODE,
    temporalAddress: values.TEMPORAL_ADDRESS,
    smtpUrl: values.SMTP_URL,
    smtpFallbackUrls: values.SMTP_FALLBACK_URLS ?? [],
    mailFrom: values.SUNDIAL_MAIL_FROM,
    webhook: webhookOf(values.SUNDIAL_WEBHOOK_URL, values.SUNDIAL_WEBHOOK_SECRETS),
    ratesPerSecond: { email: values.SMTP_RATE_PER_SECOND, webhook: values.SUNDIAL_WEBHOOK_RATE_PER_SECOND },
    adminKey: values.SUNDIAL_ADMIN_KEY,
    encryptionKeys: values.SUNDIAL_ENCRYPTION_KEYS,
    defaultTimeZone: values.SUNDIAL_DEFAULT_TIME_ZONE,
    zoneDataPath: values.SUNDIAL_ZONE_DATA,
    temporalUiUrl: values.SUNDIAL_TEMPORAL_UI_URL,
    importMaxBytes: values.SUNDIAL_IMPORT_MAX_BYTES,
    ledgerDays: values.SUNDIAL_LEDGER_DAYS,
    shutdownDrainMs: values.SUNDIAL_SHUTDOWN_DRAIN_SECONDS * 1_000,
    publicUrl: values.SUNDIAL_PUBLIC_URL,
    noopFaults: values.SUNDIAL_NOOP_FAULTS ?? null,
    workerMetricsPort: values.SUNDIAL_WORKER_METRICS_PORT,
    workerMetricsUrls: values.SUNDIAL_WORKER_METRICS_URLS ?? [],
    logLevel: values.SUNDIAL_LOG_LEVEL,
  };
}

function webhookOf(endpoint: string | undefined, secrets: Buffer[] | undefined): WebhookEndpoint | null {
  if (endpoint === undefined) return null;
  if (secrets === undefined) {
    throw new ConfigError(
      'The configuration is not usable:\n  SUNDIAL_WEBHOOK_SECRETS is not set, and SUNDIAL_WEBHOOK_URL is',
    );
  }
  return { url: endpoint, secrets };
}
