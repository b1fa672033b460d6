import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { errorCode } from '../../platform/error-code';

/** Hands out ports: the preferred one when it is free, otherwise any that is. */
export interface Ports {
  take(preferred: number): Promise<number>;
}

/** Remembers what it handed out, because a server needs a moment to bind what it was given. */
export function createPorts(): Ports {
  const taken = new Set<number>();
  return {
    async take(preferred) {
      if (preferred > 0 && !taken.has(preferred) && (await isFree(preferred))) {
        taken.add(preferred);
        return preferred;
      }
      for (;;) {
        const port = await anyFree();
        if (taken.has(port)) continue;
        taken.add(port);
        return port;
      }
    },
  };
}

/** Free on every address: a server that listens on all of them must not meet one that holds only loopback. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    // A machine without IPv6 refuses the address, which says nothing about the port.
    probe.once('error', (error) => {
      resolve(['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errorCode(error) ?? ''));
    });
    probe.listen({ port, host, exclusive: true }, () => {
      probe.close(() => resolve(true));
    });
  });
}

/**
 * Below what systems take for outgoing connections (from 32768 on Linux, 49152 elsewhere): one of those could have the
 * port before the server does that it was found for.
 */
const RANGE = { from: 15_000, to: 32_000 };

async function anyFree(): Promise<number> {
  for (;;) {
    const port = randomInt(RANGE.from, RANGE.to);
    if (await isFree(port)) return port;
  }
}
