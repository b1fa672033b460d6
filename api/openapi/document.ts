import type { z } from 'zod';
import { REQUEST_ERRORS } from '../errors/codes';
import type { ErrorCode } from '../errors/codes';
import type { ResponseSpec, Route } from '../http/route';
import { isWrite, JSON_TYPE } from '../http/route';
import { KEY_PATTERN } from '../idempotency/key';
import { REPLAYED_HEADER } from '../idempotency/once';
import { createSchemaWriter } from './json-schema';
import type { JsonSchema, SchemaWriter } from './json-schema';
import { exampleProblem, problemSchema } from './problem-schema';

/** Describes the routes in OpenAPI 3.1: the same definitions that route and validate. */
export function openApiDocument(routes: readonly Route[]): JsonSchema {
  const writer = createSchemaWriter();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    for (const path of [route.path, ...(route.aliases ?? [])]) {
      const written = path.replaceAll(/:(\w+)/g, '{$1}');
      paths[written] = { ...paths[written], [route.method]: operationOf(route, path, writer) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sundial',
      version: '1',
      description:
        'Schedules notifications that reach every person at their own local time. ' +
        'A field whose feature is not built yet says so and accepts its default alone.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: writer.components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The administrator key or an API key.' },
      },
    },
  };
}

function operationOf(route: Route, path: string, writer: SchemaWriter): JsonSchema {
  const alias = path !== route.path;
  return {
    operationId: operationId(route.method, path),
    tags: [route.tag],
    summary: route.summary,
    description: alias ? `The same as \`${route.path}\`.` : (route.description ?? route.summary),
    security: route.access === 'public' ? [] : [{ bearer: [] }],
    ...(route.access === 'public' ? {} : { 'x-access': route.access }),
    parameters: [
      ...parametersOf(route.params, 'path', writer),
      ...parametersOf(route.query, 'query', writer),
      ...headerParameters(route),
    ],
    ...(route.body && {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          route.body.mediaTypes.map((type) => [
            type,
            {
              schema: writer.write(route.body?.schema ?? problemSchema, 'input'),
              example: route.body?.example,
            },
          ]),
        ),
      },
    }),
    ...(route.upload && {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          Object.entries(route.upload.content).map(([type, { description, example }]) => [
            type,
            { schema: { type: 'string', description }, example },
          ]),
        ),
      },
    }),
    responses: { ...successes(route, writer), ...failures(route, writer) },
  };
}

/** `get /v1/recipients/:id` is `getV1RecipientsId`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  writer: SchemaWriter,
): JsonSchema[] {
  if (!schema) return [];
  const written = writer.write(schema, 'input');
  const required: unknown = written['required'];
  const properties: unknown = written['properties'];
  return Object.entries(properties ?? {}).map(([name, property]: [string, JsonSchema]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: place,
      required: place === 'path' || (Array.isArray(required) && required.includes(name)),
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
}

function headerParameters(route: Route): JsonSchema[] {
  const text = { type: 'string' };
  return [
    {
      name: 'X-Correlation-Id',
      in: 'header',
      required: false,
      description: 'Comes back in the answer, in errors and in our log; made when absent.',
      schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' },
    },
    ...(isWrite(route)
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            description:
              'Makes repeating safe: for 24 hours the same request with the same key is not done again but answered ' +
              `as before, with \`${REPLAYED_HEADER}: true\`. Keys belong to the credential; what was refused leaves its key free.`,
            schema: { type: 'string', pattern: KEY_PATTERN },
          },
        ]
      : []),
    ...(route.ifMatch
      ? [
          {
            name: 'If-Match',
            in: 'header',
            required: true,
            description: 'The `ETag` of the version that the change is based on.',
            schema: text,
          },
        ]
      : []),
  ];
}

function successes(route: Route, writer: SchemaWriter): JsonSchema {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, response]) => [status, responseOf(response, writer)]),
  );
}

function responseOf(response: ResponseSpec, writer: SchemaWriter): JsonSchema {
  const headers = { ...response.headers, 'X-Correlation-Id': 'Correlation id of the request.' };
  return {
    description: response.description,
    headers: headersOf(headers),
    ...(response.schema && {
      content: {
        [response.mediaType ?? JSON_TYPE]: {
          schema: writer.write(response.schema, 'output'),
          ...(response.example !== undefined && { example: response.example }),
        },
      },
    }),
  };
}

function headersOf(headers: Readonly<Record<string, string>>): JsonSchema {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}

function failures(route: Route, writer: SchemaWriter): JsonSchema {
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
        headers: headersOf({ 'X-Correlation-Id': 'Correlation id of the request.' }),
        content: {
          'application/problem+json': {
            schema: writer.write(problemSchema, 'output'),
            examples: Object.fromEntries(codes.map((code) => [code, { value: exampleProblem(code) }])),
          },
        },
      },
    ]),
  );
}

/** Every error that the route can answer with, by what it consists of. */
function errorsOf(route: Route): ErrorCode[] {
  const codes = new Set<ErrorCode>(route.errors);
  const add = (...more: ErrorCode[]): void => more.forEach((code) => codes.add(code));
  if (route.access !== 'public') {
    add('auth.missing', 'auth.invalid', 'auth.jwt-not-built', 'database.unavailable');
    add('auth.scope-missing');
    if (route.access === 'admin') add('auth.role-missing');
  }
  if (route.body) {
    add('body.malformed', 'body.missing', 'body.too-large', 'content-type.unsupported', 'request.invalid');
  }
  if (route.upload) {
    add('request.malformed', 'body.missing', 'body.too-large', 'content-type.unsupported', 'request.invalid');
  }
  if (route.params) add('request.malformed');
  if (route.params || route.query) add('request.invalid');
  if (isWrite(route)) add('idempotency.key-invalid', 'idempotency.in-progress', 'idempotency.mismatch');
  if (route.ifMatch) add('version.stale', 'version.required');
  add('internal', 'encryption.key-missing');
  return [...codes];
}
