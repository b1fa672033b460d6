import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/** What a worker measures of the turns that stewards took in it. */
export interface StewardMetrics {
  readonly lastSuccess: Gauge<'duty'>;
  readonly failures: Counter<'duty'>;
  readonly actions: Counter<'duty' | 'action'>;
}

export function createStewardMetrics(registry: Registry): StewardMetrics {
  const registers = [registry];
  return {
    lastSuccess: new Gauge({
      name: 'sundial_steward_last_success_timestamp_seconds',
      help: 'When a turn at the duty last succeeded in this process, in seconds since 1970.',
      labelNames: ['duty'],
      registers,
    }),
    failures: new Counter({
      name: 'sundial_steward_failures_total',
      help: 'Turns at the duty that failed.',
      labelNames: ['duty'],
      registers,
    }),
    actions: new Counter({
      name: 'sundial_steward_actions_total',
      help: 'What the turns at the duty did, by kind.',
      labelNames: ['duty', 'action'],
      registers,
    }),
  };
}
