import { AggregatorRegistry } from 'prom-client';
import { z } from 'zod';
import { SECOND } from '../../domain/time/instant';
import { blankPageMetrics } from '../../platform/metrics';

/** Prometheus waits ten seconds for all of the API's measurements. */
const DEADLINE_MS = SECOND;

const blank = blankPageMetrics();
const PASSED_ON: ReadonlySet<string> = new Set(blank.getMetricsAsArray().map(({ name }) => name));

const family = z.object({
  name: z.string(),
  help: z.string(),
  type: z.string(),
  aggregator: z.literal('sum'),
  values: z.array(
    z.object({
      value: z.number(),
      labels: z.record(z.string(), z.union([z.string(), z.number()])),
      metricName: z.string().optional(),
    }),
  ),
});

const measurements = z.object({ worker: z.string(), families: z.array(family) });

type Measurements = z.output<typeof measurements>;

export interface ScrapedWorkers {
  /** The sum of what answered, in Prometheus' text form; every family is there, measured or not. */
  readonly text: string;
  /** By address, without what may be secret in one. */
  readonly answered: ReadonlyMap<string, boolean>;
}

/** Asks workers what their pages measured, all at once and for a second at most. One that answers twice counts once. */
export async function scrapeWorkers(urls: readonly string[]): Promise<ScrapedWorkers> {
  const answers = await Promise.all(urls.map(async (url) => ({ url, told: await ask(url) })));
  const byWorker = new Map<string, Measurements>();
  for (const { told } of answers) if (told) byWorker.set(told.worker, told);
  const families = [...byWorker.values()].map((told) =>
    told.families.filter(({ name }) => PASSED_ON.has(name)),
  );
  const sum = AggregatorRegistry.aggregate([await blank.getMetricsAsJSON(), ...families]);
  return {
    text: await sum.metrics(),
    answered: new Map(answers.map(({ url, told }) => [nameOf(url), told !== null])),
  };
}

function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return pathname === '/metrics' ? host : host + pathname;
}

async function ask(url: string): Promise<Measurements | null> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    return measurements.safeParse(await response.json()).data ?? null;
  } catch {
    return null;
  }
}
