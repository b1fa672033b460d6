import { REQUEST_ERRORS } from '../errors/codes';
import type { ErrorCode } from '../errors/codes';
import { problemType } from '../errors/problem';
import { isWrite, PROBLEM_TYPE } from '../http/route';
import type { Route } from '../http/route';
import { failureHeaders } from './headers';
import type { JsonSchema, SchemaWriter } from './json-schema';
import { exampleProblem, problemSchema } from './problem-schema';

/** Describes every error that a route can answer with, by status: the codes that come with it and no others. */
export function failures(route: Route, writer: SchemaWriter): JsonSchema {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(route)) {
    const { status } = REQUEST_ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${REQUEST_ERRORS[code].meaning}`).join(' '),
        headers: failureHeaders(route, status),
        content: {
          [PROBLEM_TYPE]: {
            schema: {
              allOf: [
                writer.write(problemSchema, 'output'),
                {
                  properties: {
                    status: { const: status },
                    code: { enum: codes },
                    type: { enum: codes.map((code) => problemType(code)) },
                  },
                },
              ],
            },
            examples: Object.fromEntries(codes.map((code) => [code, { value: exampleProblem(code) }])),
          },
        },
      },
    ]),
  );
}

/** By what the route consists of, and what it says of itself. */
function errorsOf(route: Route): ErrorCode[] {
  const codes = new Set<ErrorCode>(route.errors);
  const add = (...more: ErrorCode[]): void => more.forEach((code) => codes.add(code));
  if (route.access !== 'public') {
    add('auth.missing', 'auth.invalid', 'auth.jwt-not-built', 'auth.scope-missing');
    add('database.unavailable', 'internal');
    if (route.access === 'admin') add('auth.role-missing');
  }
  if (route.body) add('body.malformed');
  if (route.body || route.upload) {
    add('request.malformed', 'body.missing', 'body.too-large', 'content-type.unsupported', 'request.invalid');
  }
  if (route.params) add('request.malformed');
  if (route.params || route.query) add('request.invalid');
  if (isWrite(route)) {
    add('idempotency.key-invalid', 'idempotency.in-progress', 'idempotency.mismatch');
    // An answer that is replayed was kept under a key of the ring.
    add('encryption.key-missing');
  }
  if (route.ifMatch) add('version.stale', 'version.required');
  return [...codes];
}
