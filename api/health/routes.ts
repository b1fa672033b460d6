import { z } from 'zod';
import type { RouteDeps } from '../deps';
import { answer, defineRoute } from '../http/route';
import type { Route } from '../http/route';
import { PARTS, probeAll } from './probes';
import { scrape } from './scrape';

const probeSchema = z.strictObject({ status: z.enum(['up', 'down']), latencyMs: z.int() });

const readiness = z
  .strictObject({
    status: z
      .enum(['ready', 'unready', 'leaving'])
      .meta({ description: '`leaving`: the process was asked to end and serves until it does.' }),
    down: z.array(z.enum(PARTS)).meta({ description: 'Names of the parts that do not answer.' }),
    parts: z.strictObject({
      postgres: probeSchema,
      redis: probeSchema,
      smtp: probeSchema,
      temporal: probeSchema,
    }),
    zoneData: z.strictObject({ version: z.string().meta({ examples: ['2026f'] }) }),
  })
  .meta({
    id: 'Readiness',
    examples: [
      {
        status: 'unready',
        down: ['redis'],
        parts: {
          postgres: { status: 'up', latencyMs: 2 },
          redis: { status: 'down', latencyMs: 1000 },
          smtp: { status: 'up', latencyMs: 1 },
          temporal: { status: 'up', latencyMs: 3 },
        },
        zoneData: { version: '2026f' },
      },
    ],
  });

const up = { status: 'up', latencyMs: 1 };
const readyExample = {
  status: 'ready',
  down: [],
  parts: { postgres: up, redis: up, smtp: up, temporal: up },
  zoneData: { version: '2026f' },
};

/** What machines ask, without a credential. */
export function healthRoutes(deps: RouteDeps): Route[] {
  const { zones, metrics, config, leaving } = deps;
  const tag = 'Health';
  return [
    defineRoute({
      method: 'get',
      path: '/healthz',
      tag,
      summary: 'Whether the process is alive',
      access: 'public',
      responses: {
        200: {
          description: 'Alive.',
          schema: z.strictObject({ status: z.literal('alive') }),
          example: { status: 'alive' },
        },
      },
      async handle() {
        return answer(200, { status: 'alive' as const });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/readyz',
      tag,
      summary: 'Whether every part that the API needs answers',
      access: 'public',
      responses: {
        200: { description: 'All of them do.', schema: readiness, example: readyExample },
        503: {
          description: '`down` names those that do not; none when the process is leaving.',
          schema: readiness,
        },
      },
      async handle({ db }) {
        const parts = await probeAll({ ...deps, db });
        const down = PARTS.filter((part) => parts[part].status === 'down');
        const body = { down, parts, zoneData: { version: zones.version } };
        if (leaving.aborted) return answer(503, { status: 'leaving' as const, ...body });
        return down.length === 0
          ? answer(200, { status: 'ready' as const, ...body })
          : answer(503, { status: 'unready' as const, ...body });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/metrics',
      tag,
      summary: 'Metrics for Prometheus',
      access: 'public',
      responses: {
        200: {
          description: 'In the text format.',
          schema: z.string(),
          mediaType: metrics.registry.contentType,
        },
      },
      errors: ['internal'],
      async handle({ db }) {
        return answer(200, await scrape(metrics, db, config.workerMetricsUrls ?? []));
      },
    }),
  ];
}
