import { createCircuit } from '../domain/delivery/circuit';
import type { AttemptHealth, CircuitState } from '../domain/delivery/circuit';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { Channel, SendResult } from './channel';

/** A provider that takes longer for a message is as good as down, though it may accept it in the end. */
const DEADLINE_MS = 10 * SECOND;

interface BreakerDeps {
  readonly clock: () => Instant;
  /** Told whenever attempts begin or cease to be barred. */
  readonly changed: (state: CircuitState) => void;
}

/**
 * The same channel, but while its provider fails nothing is asked of it: a message is then `unavailable`. Of one
 * process: each finds out for itself.
 */
export function withCircuitBreaker(channel: Channel, { clock, changed }: BreakerDeps): Channel {
  const circuit = createCircuit();

  function watched<T>(act: () => T): T {
    const before = circuit.state();
    const result = act();
    const after = circuit.state();
    if (after !== before) changed(after);
    return result;
  }

  return {
    name: channel.name,
    provider: channel.provider,
    concurrency: channel.concurrency,
    warmUp: () => channel.warmUp?.(),
    barredMs: () => circuit.barredMs(clock()),
    async send(message, context) {
      const began = clock();
      const admission = watched(() => circuit.admit(began));
      if (admission.kind === 'barred') return { kind: 'unavailable', retryAfterMs: admission.forMs };
      let health: AttemptHealth = 'failing';
      try {
        const result = await channel.send(message, context);
        if (clock() - began <= DEADLINE_MS) health = healthIn(result);
        return result;
      } finally {
        watched(() => circuit.note(health, clock()));
      }
    },
    close: () => channel.close(),
  };
}

/** A refusal, and being asked too often, are answers of a provider that works. */
function healthIn({ kind }: SendResult): AttemptHealth {
  switch (kind) {
    case 'accepted':
    case 'rejected':
    case 'rate-limited':
      return 'working';
    case 'transient':
    case 'unknown':
    case 'unavailable':
    case 'paced':
      return 'failing';
  }
}
