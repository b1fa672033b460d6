import { Agent, type IncomingMessage, request as requestOf, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { problem, send } from './answer';

export type PassOn = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Shows the Web UI on the codec server's own address, so that a browser sends the cookie of the sign-in with what
 * the page fetches: the Web UI of `temporal server start-dev` cannot be told to send it across origins.
 * @param address where the Web UI really answers, over plain HTTP.
 */
export function passOnTo(address: string): PassOn {
  const { hostname, port } = new URL(address);
  const agent = new Agent({ keepAlive: true });
  return (request, response) => {
    const { connection: _hop, 'keep-alive': _hops, upgrade: _never, ...headers } = request.headers;
    const passed = requestOf({ agent, hostname, port, method: request.method, path: request.url, headers });
    passed.once('response', (answer) => {
      const { connection: _itsHop, 'keep-alive': _itsHops, ...answered } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, answered);
      pipeline(answer, response, () => undefined);
    });
    passed.once('error', (error) => {
      if (response.headersSent) response.destroy();
      else
        send(response, problem(502, 'Bad gateway', `Temporal's Web UI does not answer: ${error.message}.`));
    });
    response.once('close', () => passed.destroy());
    request.pipe(passed);
  };
}
