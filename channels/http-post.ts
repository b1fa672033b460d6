import http from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { SECOND } from '../domain/time/instant';

export type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  /** Nobody answered. Whether the request had left decides between a safe retry and a possible second copy. */
  | { readonly kind: 'unanswered'; readonly requestLeft: boolean };

/** Posts to one url over connections that are kept open. Redirects are not followed: they are answers like others. */
export interface HttpPost {
  /** @throws when the headers cannot be written; nothing has left then. */
  send(headers: OutgoingHttpHeaders, body: Buffer): Promise<Posted>;
  /** Ends the connections. */
  close(): void;
}

interface HttpPostOptions {
  readonly url: string;
  /** Kept open, each with one request on its way. */
  readonly connections: number;
  /** How long the other side may take to answer, in milliseconds; to be reached, 5 s at most. */
  readonly timeoutMs: number;
}

/** Servers close what lies idle after some 5 s, as a rule: whoever does it first risks no request. */
const IDLE_MS = 4 * SECOND;
const LONGEST_CONNECTING_MS = 5 * SECOND;

/** An answer's body is read only for its connection to be used again; one that is not worth it is cut off. */
const MOST_READ_BYTES = 65_536;
const LONGEST_READING_MS = SECOND;

export function createHttpPost({ url, connections, timeoutMs }: HttpPostOptions): HttpPost {
  const secure = new URL(url).protocol === 'https:';
  const { Agent, request } = secure ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: connections, timeout: IDLE_MS });
  const connectingMs = Math.min(timeoutMs, LONGEST_CONNECTING_MS);

  return {
    send(headers, body) {
      const posting = request(url, {
        agent,
        method: 'POST',
        headers: { ...headers, 'content-length': body.length },
      });
      return new Promise((resolve) => {
        let requestLeft = false;
        let answered = false;
        let timer: NodeJS.Timeout | undefined;
        const allow = (ms: number): void => {
          clearTimeout(timer);
          timer = setTimeout(() => posting.destroy(), ms);
        };
        const left = (): void => {
          requestLeft = true;
          allow(timeoutMs);
        };
        posting.on('socket', (socket) => {
          if (posting.reusedSocket) {
            left();
            return;
          }
          allow(connectingMs);
          socket.once(secure ? 'secureConnect' : 'connect', left);
        });
        const settle = (posted: Posted): void => {
          clearTimeout(timer);
          resolve(posted);
        };
        posting.on('response', (response) => {
          answered = true;
          allow(LONGEST_READING_MS);
          response.on('close', () => settle(answerOf(response)));
          discard(response);
        });
        // What went wrong is told by what had left. `close` comes whatever happens, after an answer to no effect.
        posting.on('error', () => undefined);
        posting.on('close', () => {
          if (!answered) settle({ kind: 'unanswered', requestLeft });
        });
        posting.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): Posted {
  return { kind: 'answered', status: statusCode, retryAfter: headers['retry-after'] };
}

function discard(response: IncomingMessage): void {
  let read = 0;
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > MOST_READ_BYTES) response.destroy();
  });
}
