import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';

/** Takes a server out of service without breaking a connection. */
export interface Retiring {
  /** From now on every answer asks its caller to connect anew, and so to somebody else. */
  begin(): void;
  /** Takes no new connection, closes those that lie idle, and lets answers under way finish within `graceMs`. */
  end(graceMs: number): Promise<void>;
}

/** A connection whose answer was under way is idle as soon as that has left. */
const CLOSE_IDLE_EVERY_MS = 50;

/** To be called before the server listens. */
export function createRetiring(server: Server): Retiring {
  const answering = new Set<ServerResponse>();
  let begun = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (begun) isLast(response);
    answering.add(response);
    response.once('close', () => answering.delete(response));
  });

  return {
    begin() {
      begun = true;
      for (const response of answering) isLast(response);
    },
    async end(graceMs) {
      const closed = once(server, 'close');
      server.close();
      const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
      const patience = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(idle);
      clearTimeout(patience);
    },
  };
}

function isLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
