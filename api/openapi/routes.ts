import { z } from 'zod';
import { answer, defineRoute } from '../http/route';
import type { Route } from '../http/route';
import { openApiDocument } from './document';
import type { JsonSchema } from './json-schema';

/** The route that describes all routes, itself included. */
export function openApiRoute(others: readonly Route[]): Route {
  let document: JsonSchema | undefined;
  const route = defineRoute({
    method: 'get',
    path: '/openapi.json',
    tag: 'Health',
    summary: 'This document',
    access: 'public',
    responses: {
      200: {
        description: 'OpenAPI 3.1.',
        schema: z.record(z.string(), z.unknown()),
        example: { openapi: '3.1.0' },
      },
    },
    async handle() {
      document ??= openApiDocument([...others, route]);
      return answer(200, document);
    },
  });
  return route;
}
