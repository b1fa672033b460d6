import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ErrorRequestHandler, Express, Request, Response } from 'express';
import { UnknownKeyError } from '../../platform/crypto';
import { errorCode } from '../../platform/error-code';
import { describeError } from '../../platform/logger';
import type { Logger } from '../../platform/logger';
import type { Database } from '../../store/database';
import { authorize } from '../auth/authenticate';
import type { Authenticate } from '../auth/authenticate';
import type { Principal } from '../auth/principal';
import { ApiError, apiErrorOf, problemOf } from '../errors/problem';
import { idempotencyKeyOf } from '../idempotency/key';
import type { Once } from '../idempotency/once';
import { declaredAs, readJsonBody } from './body';
import { readJsonLines } from './json-lines';
import { stateOf } from './request-state';
import { isWrite, JSON_TYPE, LINES_TYPE, PROBLEM_TYPE } from './route';
import type { Reply, Route } from './route';

/** Nobody called: public routes have no use for who it is. */
const NOBODY: Principal = { tenantId: 0, tenantZone: 'UTC', actorId: 'nobody', role: 'ANALYST', scopes: [] };

/** What every route is answered with. */
export interface Surroundings {
  readonly db: Database;
  readonly authenticate: Authenticate;
  readonly once: Once;
}

/** Makes Express answer the routes, 405 for a known path and 404 for all others. */
export function mountRoutes(app: Express, routes: readonly Route[], surroundings: Surroundings): void {
  const methods = new Map<string, Set<string>>();
  for (const route of routes) {
    for (const path of [route.path, ...(route.aliases ?? [])]) {
      app[route.method](path, async (req, res) => {
        stateOf(res).route = path;
        await send(res, route, await reply(route, req, res, surroundings));
      });
      const known = methods.get(path) ?? new Set();
      known.add(route.method.toUpperCase());
      if (route.method === 'get') known.add('HEAD');
      methods.set(path, known);
    }
  }
  for (const [path, known] of methods) {
    app.all(path, (_req, res) => {
      stateOf(res).route = path;
      const allow = [...known].join(', ');
      throw new ApiError('method.not-allowed', `This path answers ${allow}.`, [], { Allow: allow });
    });
  }
  app.use(() => {
    throw new ApiError('route.unknown');
  });
}

/** In this order: who calls, may they, what do they send; a stranger's body is never read. */
async function reply(
  route: Route,
  req: Request,
  res: Response,
  { db, authenticate, once }: Surroundings,
): Promise<Reply> {
  const { correlationId } = stateOf(res);
  let principal = NOBODY;
  if (route.access !== 'public') {
    principal = await authenticate(req.get('Authorization'));
    const state = stateOf(res);
    state.tenantId = principal.tenantId;
    state.actorId = principal.actorId;
    authorize(principal, route);
  }
  const key = isWrite(route) ? idempotencyKeyOf(req.get('Idempotency-Key')) : undefined;
  const upload = await route.upload?.take(req, { principal, correlationId, db });
  const body = route.body ? await readBody(req, res, route.body) : upload?.value;
  const effects: (() => void)[] = [];
  const incoming = {
    params: req.params,
    query: req.query,
    body,
    principal,
    correlationId,
    ifMatch: req.get('If-Match'),
    afterCommit: (effect: () => void): void => {
      effects.push(effect);
    },
  };
  try {
    const replied =
      key === undefined
        ? await route.run({ ...incoming, db })
        : await once(route, key, { ...incoming, body: upload?.digest ?? body }, (joined) =>
            route.run({ ...incoming, db: joined }),
          );
    for (const effect of effects) effect();
    return replied;
  } finally {
    await upload?.settle();
  }
}

async function readBody(
  req: Request,
  res: Response,
  { mediaTypes, lines }: NonNullable<Route['body']>,
): Promise<unknown> {
  if (lines && declaredAs(req) === LINES_TYPE) return lines.document(await readJsonLines(req, res));
  return readJsonBody(req, res, lines ? [...mediaTypes, LINES_TYPE] : mediaTypes);
}

async function send(res: Response, route: Route, { status, body, headers = {} }: Reply): Promise<void> {
  const mediaType = route.responses[status]?.mediaType ?? JSON_TYPE;
  if (body instanceof Readable) {
    await stream(res, status, headers, mediaType, body);
    return;
  }
  write(res, status, headers, mediaType, mediaType === JSON_TYPE ? JSON.stringify(body) : String(body));
}

/**
 * Writes by hand what `res.send` would: Express answers 304 to a matching `If-None-Match`, but our ETag is the
 * version of the configuration, and the state beside it changes under the same version.
 */
function write(
  res: Response,
  status: number,
  headers: Readonly<Record<string, string>>,
  mediaType: string,
  text: string | undefined,
): void {
  writeHead(res, status, headers);
  if (status === 204 || text === undefined) {
    res.end();
    return;
  }
  writeMediaType(res, mediaType);
  res.setHeader('Content-Length', Buffer.byteLength(text));
  if (res.req.method === 'HEAD') res.end();
  else res.end(text);
}

/** For an answer that is too long to be held. An error on the way cuts it off, so that it is not taken for whole. */
async function stream(
  res: Response,
  status: number,
  headers: Readonly<Record<string, string>>,
  mediaType: string,
  body: Readable,
): Promise<void> {
  writeHead(res, status, headers);
  writeMediaType(res, mediaType);
  if (res.req.method === 'HEAD') {
    body.destroy();
    res.end();
    return;
  }
  try {
    await pipeline(body, res);
  } catch (error) {
    // Whoever asked has gone.
    if (errorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function writeHead(res: Response, status: number, headers: Readonly<Record<string, string>>): void {
  res.status(status);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.setHeader('Cache-Control', 'no-store');
}

function writeMediaType(res: Response, mediaType: string): void {
  res.setHeader('Content-Type', mediaType);
  res.setHeader('X-Content-Type-Options', 'nosniff');
}

/** The only place where an error becomes an answer. What is internal is logged and not told. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, _req, res, next) => {
    const state = stateOf(res);
    const error = apiErrorOf(thrown);
    state.errorCode = error.code;
    if (thrown instanceof UnknownKeyError) {
      const { correlationId, route } = state;
      logger.error({ correlationId, route, keyId: thrown.keyId }, 'an encryption key is missing');
    } else if (error !== thrown && error.code === 'internal') {
      logger.error(
        { correlationId: state.correlationId, route: state.route, ...describeError(thrown) },
        'request failed',
      );
    }
    if (res.headersSent) {
      next(thrown);
      return;
    }
    const problem = problemOf(error, state.correlationId);
    write(res, problem.status, error.headers, PROBLEM_TYPE, JSON.stringify(problem));
  };
}
