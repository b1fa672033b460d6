import type { Metrics } from '../../platform/metrics';
import type { Database } from '../../store/database';
import { readTotals } from '../../store/totals';
import { isDatabaseUnavailable } from '../../store/unavailable';

/**
 * The metrics in Prometheus' text form. What Postgres counts is read at every scrape, so that it survives restarts
 * and is the same from every process of the API; while Postgres is away those three are simply absent.
 */
export async function scrape(metrics: Metrics, db: Database): Promise<string> {
  metrics.sent.reset();
  metrics.failed.reset();
  try {
    const { activeSchedules, outcomes } = await readTotals(db);
    metrics.schedulesActive.set(activeSchedules);
    for (const { channel, sent, failed } of outcomes) {
      metrics.sent.inc({ channel }, sent);
      metrics.failed.inc({ channel }, failed);
    }
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    metrics.schedulesActive.set(Number.NaN);
  }
  return metrics.registry.metrics();
}
