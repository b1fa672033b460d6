import express from 'express';
import type { Express } from 'express';
import { SECOND } from '../domain/time/instant';
import { apiKeyRoutes } from './api-keys/routes';
import { createAuthenticate } from './auth/authenticate';
import { deadLetterRoutes } from './dead-letters/routes';
import type { ApiDeps, RouteDeps } from './deps';
import { docsPageRoutes } from './docs-page/routes';
import { frontPageRoutes } from './front-page/routes';
import { healthRoutes } from './health/routes';
import { limitLeftovers } from './http/leftover';
import { observe } from './http/observe';
import type { Route } from './http/route';
import { answerErrors, mountRoutes } from './http/router';
import { createOnce } from './idempotency/once';
import { importRoutes } from './imports/routes';
import { jobRoutes } from './jobs/routes';
import { messageRoutes } from './messages/routes';
import { notificationMetricsRoutes } from './notification-metrics/routes';
import { openApiRoute } from './openapi/routes';
import { recipientRoutes } from './recipients/routes';
import { scheduleRoutes } from './schedules/routes';
import { segmentRoutes } from './segments/routes';
import { suppressionRoutes } from './suppressions/routes';
import { templateRoutes } from './templates/routes';

/** How long the rest of a body may take that nobody wants any more. */
const LEFTOVER_MS = 10 * SECOND;

/** The HTTP API as a function of its surroundings; nothing listens yet. */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // Parameters are plain texts; `a[b]=c` is a parameter of that name and no object.
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);
  // `/v1/recipients/` is a recipient without an id, and not the list.
  app.set('strict routing', true);
  app.use(observe(deps.logger, deps.metrics));
  app.use(limitLeftovers(LEFTOVER_MS));
  mountRoutes(app, routesOf(deps), {
    db: deps.db,
    authenticate: createAuthenticate(deps.db, deps.config.adminKey),
    once: createOnce(deps),
  });
  app.use(answerErrors(deps.logger));
  return app;
}

/** Every route there is; what is described is what is mounted. */
export function routesOf(deps: RouteDeps): Route[] {
  const routes = [
    ...recipientRoutes(deps),
    ...templateRoutes(deps),
    ...segmentRoutes(deps),
    ...scheduleRoutes(deps),
    ...messageRoutes(deps),
    ...suppressionRoutes(deps),
    ...deadLetterRoutes(deps),
    ...notificationMetricsRoutes(),
    ...apiKeyRoutes(deps),
    ...jobRoutes(deps),
    ...importRoutes(deps),
    ...healthRoutes(deps),
    ...frontPageRoutes(deps),
    ...docsPageRoutes(),
  ];
  return [...routes, openApiRoute(routes)];
}
