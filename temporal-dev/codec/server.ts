import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, problem, send } from './answer';
import { decode, type DecodeDeps, preflight } from './decode';
import { showSignIn, signIn, type SignInDeps, signOut } from './sign-in';
import type { PassOn } from './web-ui';

export interface CodecServerDeps extends DecodeDeps, SignInDeps {
  readonly log: SignInDeps['log'] & { error(fields: object, message: string): void };
  /** Null when the Web UI is to be found on an address of its own. */
  readonly webUi: PassOn | null;
}

/**
 * The HTTP side of the payload codec: decodes for whoever holds the admin key, and shows the Web UI beside it when
 * it is told where that is. It encodes nothing: commands go through the API.
 */
export function createCodecServer(deps: CodecServerDeps): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://codec');
    if (deps.webUi !== null && pathname !== '/codec' && !pathname.startsWith('/codec/')) {
      deps.webUi(request, response);
      return;
    }
    answer(request, pathname, deps).then(
      (found) => send(response, found),
      (error: unknown) => fail(response, error, deps),
    );
  });
}

async function answer(request: IncomingMessage, pathname: string, deps: CodecServerDeps): Promise<Answer> {
  switch (`${request.method} ${pathname}`) {
    case 'OPTIONS /codec/decode':
      return preflight(request, deps);
    case 'POST /codec/decode':
      return decode(request, deps);
    case 'GET /codec':
      return showSignIn(request, deps);
    case 'POST /codec/sign-in':
      return signIn(request, deps);
    case 'POST /codec/sign-out':
      return signOut(deps.operator);
    case 'GET /codec/healthz':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"status":"alive"}' };
    default:
      return problem(404, 'Not found', 'The codec server answers GET /codec and POST /codec/decode.');
  }
}

function fail(response: ServerResponse, error: unknown, { log }: CodecServerDeps): void {
  log.error({ err: error }, 'request failed');
  if (response.headersSent) response.destroy();
  else send(response, problem(500, 'Internal error', 'The codec server failed; its log says why.'));
}
