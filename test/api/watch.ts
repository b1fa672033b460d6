import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { routesOf } from '../../api/app';
import type { RouteDeps } from '../../api/deps';
import { createConformance, documentOf } from './conformance';

/** What became of the answers of a server. */
export interface Watch {
  /** The described answers that were given, as `GET /v1/jobs/{id} 404 job.unknown`. */
  readonly seen: ReadonlySet<string>;
  /** @throws what the first answer since the last call did wrong. */
  check(): void;
}

/**
 * Holds every answer of the API to its own document while it leaves the server, whoever asked: a test, a browser or
 * `curl`. To be called before the server listens. A test that uses the server calls `check` after its requests.
 */
export function watchAnswers(server: Server, deps: RouteDeps): Watch {
  const conforms = createConformance(documentOf(routesOf(deps)));
  const seen = new Set<string>();
  let violation: unknown;
  // Ahead of the app, which may have answered before another listener would be called.
  server.prependListener('request', (req: IncomingMessage, res: ServerResponse) => {
    // Routers may rewrite the address on its way.
    const { method = '', url: path = '' } = req;
    if (method === 'HEAD') return;
    capture(res, (text) => {
      const headers = new Map(Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]));
      try {
        const answered = conforms({ method, path, status: res.statusCode, headers, text });
        if (answered !== null) seen.add(answered);
      } catch (error) {
        violation ??= error;
      }
    });
  });
  return {
    seen,
    check() {
      const found = violation;
      violation = undefined;
      if (found !== undefined) throw found;
    },
  };
}

/** Calls `whole` with all that was written just before it is on its way; never for an answer that is cut off. */
function capture(res: ServerResponse, whole: (text: string) => void): void {
  const pieces: Buffer[] = [];
  const keep = (piece: unknown): void => {
    if (typeof piece === 'string') pieces.push(Buffer.from(piece));
    else if (piece instanceof Uint8Array) pieces.push(Buffer.from(piece));
  };
  const { write, end } = res;
  res.write = (...given: [unknown]): boolean => {
    keep(given[0]);
    return Reflect.apply(write, res, given);
  };
  res.end = (...given: unknown[]): ServerResponse => {
    keep(given[0]);
    whole(Buffer.concat(pieces).toString('utf8'));
    return Reflect.apply(end, res, given);
  };
}
