import type { ApiMetrics } from '../../platform/metrics';
import type { Queries } from '../../store/database';
import { readTotals } from '../../store/totals';
import { isDatabaseUnavailable } from '../../store/unavailable';
import { scrapeWorkers } from './worker-scrape';

/**
 * The metrics in Prometheus' text form. What Postgres counts is read at every scrape, so that it survives restarts
 * and is the same from every process of the API; while Postgres is away those three are simply absent. What workers
 * measure is asked of them at every scrape; one that is away is only said to be.
 */
export async function scrape(
  metrics: ApiMetrics,
  db: Queries,
  workerUrls: readonly string[],
): Promise<string> {
  const [totals, workers] = await Promise.all([
    readTotals(db).catch((error: unknown) => {
      if (isDatabaseUnavailable(error)) return null;
      throw error;
    }),
    scrapeWorkers(workerUrls),
  ]);
  // Nothing may come between: two scrapes at once would add to each other.
  metrics.sent.reset();
  metrics.failed.reset();
  for (const { channel, provider, sent, failed } of totals?.outcomes ?? []) {
    const labels = { channel, provider };
    metrics.sent.inc(labels, sent);
    metrics.failed.inc(labels, failed);
  }
  if (totals) metrics.schedulesActive.set(totals.activeSchedules);
  else metrics.schedulesActive.remove();
  for (const [worker, answered] of workers.answered) metrics.workerUp.set({ worker }, answered ? 1 : 0);
  return `${await metrics.registry.metrics()}\n${workers.text}`;
}
