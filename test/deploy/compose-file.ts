import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const ROOT = path.join(__dirname, '..', '..');
export const COMPOSE_FILE = path.join(ROOT, 'docker-compose.yml');

const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const words = z.array(z.string());

const healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.tuple([z.literal('CMD')], z.string()),
    interval: duration,
    timeout: duration,
    retries: z.int().min(1),
    start_period: duration.optional(),
  }),
]);

const volume = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('volume'), source: z.string(), target: z.string().startsWith('/') }),
  z.strictObject({
    type: z.literal('bind'),
    source: z.string().startsWith('./'),
    target: z.string().startsWith('/'),
    read_only: z.literal(true),
  }),
]);

/** The part of the Compose specification that the file uses: a word that is not here is refused as a slip. */
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), dockerfile: z.string() }).optional(),
  command: words.optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z
    .array(z.strictObject({ target: z.int(), published: z.string().regex(/^\d+$/), host_ip: z.ipv4() }))
    .default([]),
  volumes: z.array(volume).default([]),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      }),
    )
    .default({}),
  healthcheck: healthcheck.optional(),
  restart: z.enum(['no', 'unless-stopped']).default('no'),
  stop_grace_period: duration.optional(),
  init: z.boolean().default(false),
  read_only: z.boolean().default(false),
  cap_drop: words.default([]),
  security_opt: words.default([]),
  shm_size: z.string().optional(),
});

/** `x-` fields hold what services share; the merge has already put it where it belongs. */
const project = z
  .object({
    name: z.string(),
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.null()),
  })
  .catchall(z.unknown())
  .refine((file) => Object.keys(file).every((key) => /^(name|services|volumes|x-[a-z-]+)$/.test(key)));

export type Project = z.infer<typeof project>;
export type Service = z.infer<typeof service>;

/**
 * docker-compose.yml as Compose sees it with these variables in .env.
 * @throws as Compose does, when a variable that has to be there is not.
 */
export function readComposeFile(variables: Record<string, string>): Project {
  const filled = (value: unknown): unknown => {
    if (typeof value === 'string') return interpolate(value, variables);
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]));
  };
  return project.parse(filled(parse(readFileSync(COMPOSE_FILE, 'utf8'), { merge: true })));
}

/** `${NAME:-default}` and `${NAME:?message}`: both take an empty variable for a missing one. */
function interpolate(text: string, variables: Record<string, string>): string {
  return text.replaceAll(
    /\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g,
    (found, name?: string, kind?: string, rest = '') => {
      if (found === '$$') return '$';
      const value = variables[name ?? ''] ?? '';
      if (value !== '') return value;
      if (kind === '-') return rest;
      throw new Error(`required variable ${name} is missing a value: ${rest}`);
    },
  );
}
