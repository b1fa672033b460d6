import { Agent, type IncomingMessage, request as requestOf, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { type Answer, problem, send } from './answer';

export type PassOn = (request: IncomingMessage, response: ServerResponse) => void;

/** What the Web UI asks first of its own server; there it learns of a codec server. */
const SETTINGS = '/api/v1/settings';

/**
 * Shows the Web UI on the codec server's own address, so that a browser sends the cookie of the sign-in with what
 * the page fetches: the Web UI of `temporal server start-dev` cannot be told to send it across origins.
 * @param address where the Web UI really answers, over plain HTTP.
 */
export function passOnTo(address: string): PassOn {
  const { hostname, port } = new URL(address);
  const agent = new Agent({ keepAlive: true });
  return (request, response) => {
    const { pathname } = new URL(request.url ?? '/', address);
    if (request.method === 'GET' && pathname === SETTINGS) {
      settings(address).then(
        (answer) => send(response, answer),
        (error: unknown) => send(response, away(error)),
      );
      return;
    }
    const { connection: _hop, 'keep-alive': _hops, upgrade: _never, ...headers } = request.headers;
    const passed = requestOf({ agent, hostname, port, method: request.method, path: request.url, headers });
    passed.once('response', (answer) => {
      const { connection: _itsHop, 'keep-alive': _itsHops, ...answered } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, answered);
      pipeline(answer, response, () => undefined);
    });
    passed.once('error', (error) => {
      if (response.headersSent) response.destroy();
      else send(response, away(error));
    });
    response.once('close', () => passed.destroy());
    request.pipe(passed);
  };
}

/** The Web UI's settings with us as its codec server, and with the way to the sign-in where it shows an error. */
async function settings(address: string): Promise<Answer> {
  const response = await fetch(new URL(SETTINGS, address));
  const known: unknown = await response.json();
  const codec = {
    Endpoint: '/codec',
    PassAccessToken: false,
    IncludeCredentials: true,
    DefaultErrorMessage: 'Histories are encrypted. Sign in with the admin key to read them:',
    DefaultErrorLink: '/codec',
  };
  const body = JSON.stringify({ ...Object(known), Codec: codec });
  return { status: response.status, headers: { 'content-type': 'application/json' }, body };
}

function away(error: unknown): Answer {
  const reason = error instanceof Error ? error.message : String(error);
  return problem(502, 'Bad gateway', `Temporal's Web UI does not answer: ${reason}.`);
}
