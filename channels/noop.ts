import type { Channel } from './channel';

/** Accepts everything and sends nothing: for benches, and for trying a schedule out. */
export function createNoopChannel(): Channel {
  return {
    name: 'noop',
    provider: 'noop',
    concurrency: 100,
    send: () => Promise.resolve({ kind: 'accepted' }),
    close: () => Promise.resolve(),
  };
}
