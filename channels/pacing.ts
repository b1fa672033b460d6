import type { Admission } from '../domain/delivery/circuit';
import type { SharedPace } from '../domain/delivery/pace';
import type { Instant } from '../domain/time/instant';
import type { Channel, SendContext } from './channel';
import { createPacePool } from './pace-pool';
import type { PacePool } from './pace-pool';

interface PacingDeps {
  readonly shared: SharedPace;
  readonly clock: () => Instant;
  /** Messages a second that the provider takes from all tenants together; null when nobody has said. */
  readonly configured: number | null;
  /** Told when Redis did not answer, and the process keeps the pace alone for some seconds. */
  readonly alone: (error: unknown) => void;
  /** Told when the provider asked for less, each time. */
  readonly slowed: (context: SendContext) => void;
}

/**
 * The same channel, asked no faster than it was configured for and than it takes: a message whose turn has not come is
 * `paced`, before anything is asked. All workers share the rate of the provider, and of each tenant the one that the
 * provider's complaints leave it (semantics.md "Delivery").
 */
export function withPacing(channel: Channel, deps: PacingDeps): Channel {
  const { shared, clock, configured, alone, slowed } = deps;
  const { provider } = channel;
  const pool = (name: string, rate: number | null): PacePool =>
    createPacePool(`${name}:${provider}`, rate, { shared, clock, alone });
  const ofAll = configured === null ? null : pool('all', configured);
  const ofTenants = new Map<number, PacePool>();

  function ofTenant(tenantId: number): PacePool {
    const known = ofTenants.get(tenantId);
    if (known) return known;
    const made = pool(String(tenantId), null);
    ofTenants.set(tenantId, made);
    return made;
  }

  function admit({ tenantId, priority }: SendContext): Admission {
    const own = ofTenant(tenantId).admit(priority);
    return own.kind === 'barred' || ofAll === null ? own : ofAll.admit(priority);
  }

  return {
    ...channel,
    async send(message, context) {
      const admission = admit(context);
      if (admission.kind === 'barred') return { kind: 'paced', retryAfterMs: admission.forMs };
      const began = clock();
      const result = await channel.send(message, context);
      if (result.kind === 'rate-limited') {
        ofTenant(context.tenantId).slowDown(began, result.retryAfterMs);
        slowed(context);
      }
      return result;
    },
  };
}
