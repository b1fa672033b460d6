import { SECOND } from '../../domain/time/instant';
import type { Queries } from '../../store/database';
import type { ApiDeps } from '../deps';

/** A part that does not answer by then is down as far as a caller is concerned. */
const DEADLINE_MS = 2 * SECOND;

export interface ProbeResult {
  readonly status: 'up' | 'down';
  readonly latencyMs: number;
}

export const PARTS = ['postgres', 'redis', 'smtp', 'temporal'] as const;
export type Part = (typeof PARTS)[number];

/** Asks every part at once; never hangs and never throws. */
export async function probeAll({
  db,
  redis,
  smtp,
  temporal,
}: Pick<ApiDeps, 'redis' | 'smtp' | 'temporal'> & { readonly db: Queries }): Promise<
  Record<Part, ProbeResult>
> {
  const [postgres, redisResult, smtpResult, temporalResult] = await Promise.all([
    probe(() => db.pool.query('select 1')),
    probe(() => redis.ping()),
    probe(() => smtp.ping(DEADLINE_MS)),
    probe(() => temporal.ping(DEADLINE_MS)),
  ]);
  return { postgres, redis: redisResult, smtp: smtpResult, temporal: temporalResult };
}

async function probe(ask: () => Promise<unknown>): Promise<ProbeResult> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<'down'>((resolve) => {
    timer = setTimeout(() => resolve('down'), DEADLINE_MS);
  });
  const answer = Promise.resolve()
    .then(ask)
    .then(
      () => 'up' as const,
      () => 'down' as const,
    );
  const status = await Promise.race([answer, deadline]);
  clearTimeout(timer);
  return { status, latencyMs: Math.round(performance.now() - started) };
}
