import type { Metrics } from '../../platform/metrics';
import type { Database } from '../../store/database';
import { readTotals } from '../../store/totals';
import { isDatabaseUnavailable } from '../../store/unavailable';

/**
 * The metrics in Prometheus' text form. What Postgres counts is read at every scrape, so that it survives restarts
 * and is the same from every process of the API; while Postgres is away those three are simply absent.
 */
export async function scrape(metrics: Metrics, db: Database): Promise<string> {
  const totals = await readTotals(db).catch((error: unknown) => {
    if (isDatabaseUnavailable(error)) return null;
    throw error;
  });
  // Nothing may come between: two scrapes at once would add to each other.
  metrics.sent.reset();
  metrics.failed.reset();
  for (const { channel, sent, failed } of totals?.outcomes ?? []) {
    metrics.sent.inc({ channel }, sent);
    metrics.failed.inc({ channel }, failed);
  }
  if (totals) metrics.schedulesActive.set(totals.activeSchedules);
  else metrics.schedulesActive.remove();
  return metrics.registry.metrics();
}
