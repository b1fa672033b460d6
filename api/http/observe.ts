import type { RequestHandler } from 'express';
import type { Logger } from '../../platform/logger';
import type { ApiMetrics } from '../../platform/metrics';
import { CORRELATION_HEADER, correlationIdOf } from './correlation';
import { beginRequest } from './request-state';

/** Asked every few seconds by machines: worth a metric, not a log line. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Gives every request its correlation id, one log line and one measurement. Both name the pattern of the route
 * and never the path, the query or a body, because these can hold addresses.
 */
export function observe(logger: Logger, metrics: ApiMetrics): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    const state = beginRequest(res, correlationIdOf(req.get(CORRELATION_HEADER), req.get('traceparent')));
    res.setHeader(CORRELATION_HEADER, state.correlationId);
    res.on('close', () => {
      const seconds = (performance.now() - started) / 1_000;
      const route = state.route ?? 'none';
      const method = METHODS.has(req.method) ? req.method : 'OTHER';
      metrics.httpRequest.observe({ method, route, status: String(res.statusCode) }, seconds);
      if (QUIET.has(route) && res.statusCode < 400) return;
      logger.info(
        {
          correlationId: state.correlationId,
          method,
          route,
          status: res.statusCode,
          milliseconds: Math.round(seconds * 1_000),
          ...(state.tenantId !== null && { tenant: state.tenantId, actor: state.actorId }),
          ...(state.errorCode !== null && { error: state.errorCode }),
          ...(!res.writableFinished && { aborted: true }),
        },
        'request',
      );
    });
    next();
  };
}

/** Keeps a label bounded: Node accepts some thirty methods. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
