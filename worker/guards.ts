import type { Channel, SendContext } from '../channels/channel';
import { withCircuitBreaker } from '../channels/circuit-breaker';
import { withPacing } from '../channels/pacing';
import type { SharedPace } from '../domain/delivery/pace';
import { MINUTE } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import type { WorkerMetrics } from '../platform/metrics';

interface GuardDeps {
  readonly config: Pick<Config, 'ratesPerSecond'>;
  readonly shared: SharedPace;
  readonly clock: () => Instant;
  readonly metrics: Pick<WorkerMetrics, 'circuitOpen'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** The same is not logged again within this time. */
const QUIET_MS = MINUTE;

/** Stands before every provider: what gives it up while it fails, and what asks it no faster than it takes. */
export function createGuard({
  config,
  shared,
  clock,
  metrics,
  logger,
}: GuardDeps): (provider: Channel) => Channel {
  const isNews = createNews(clock);

  function alone(error: unknown): void {
    if (!isNews('alone')) return;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn({ reason }, 'Redis does not answer: this process keeps the rates of providers by itself');
  }

  return (channel) => {
    const labels = { channel: channel.name, provider: channel.provider };
    metrics.circuitOpen.set(labels, 0);
    const breaking = withCircuitBreaker(channel, {
      clock,
      changed(state) {
        metrics.circuitOpen.set(labels, state === 'closed' ? 0 : 1);
        if (state === 'open')
          logger.warn(labels, 'a provider fails: nothing is asked of it for half a minute');
        if (state === 'closed') logger.info(labels, 'a provider works again');
      },
    });
    // Outside, so that a message whose turn has not come is never taken for the breaker's probe.
    return withPacing(breaking, {
      shared,
      clock,
      configured: config.ratesPerSecond[channel.name] ?? null,
      alone,
      slowed({ tenantId }: SendContext) {
        if (!isNews(`${tenantId}:${channel.provider}`)) return;
        logger.warn(
          { ...labels, tenant: tenantId },
          'a provider is asked too often: it is asked less by all workers',
        );
      },
    });
  };
}

function createNews(clock: () => Instant): (about: string) => boolean {
  const told = new Map<string, Instant>();
  return (about) => {
    const now = clock();
    if (now - (told.get(about) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return false;
    told.set(about, now);
    return true;
  };
}
