import type { z } from 'zod';
import type { ResponseSpec, Route } from '../http/route';
import { JSON_TYPE, LINES_TYPE } from '../http/route';
import { failures } from './failures';
import { headerParameters, SHARED_HEADERS, successHeaders } from './headers';
import { createSchemaWriter } from './json-schema';
import type { JsonSchema, SchemaWriter } from './json-schema';
import { ALIASES, ALIASES_ARE, TAGS } from './tags';

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
    tags: Object.entries({ ...TAGS, [ALIASES]: ALIASES_ARE }).map(([name, description]) => ({
      name,
      description,
    })),
    paths,
    components: {
      schemas: writer.components,
      headers: SHARED_HEADERS,
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
    tags: [alias ? ALIASES : route.tag],
    summary: route.summary,
    description: alias ? `The same as \`${route.path}\`.` : (route.description ?? route.summary),
    security: route.access === 'public' ? [] : [{ bearer: [] }],
    ...(route.access === 'public' ? {} : { 'x-access': route.access }),
    parameters: [
      ...parametersOf(route.params, 'path', writer),
      ...parametersOf(route.query, 'query', writer),
      ...headerParameters(route),
    ],
    ...(route.body && { requestBody: { required: true, content: contentOf(route.body, writer) } }),
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

function contentOf(
  { schema, example, mediaTypes, lines }: NonNullable<Route['body']>,
  writer: SchemaWriter,
): Record<string, JsonSchema> {
  const documents = mediaTypes.map(
    (type) => [type, { schema: writer.write(schema, 'input'), example }] as const,
  );
  const asLines = lines && {
    [LINES_TYPE]: { schema: { type: 'string', description: lines.description }, example: lines.example },
  };
  return { ...Object.fromEntries(documents), ...asLines };
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

function successes(route: Route, writer: SchemaWriter): JsonSchema {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, response]) => [
      status,
      responseOf(route, response, writer),
    ]),
  );
}

function responseOf(route: Route, response: ResponseSpec, writer: SchemaWriter): JsonSchema {
  const example = response.example ?? exampleOf(response.schema);
  return {
    description: response.description,
    headers: successHeaders(route, response),
    ...(response.schema && {
      content: {
        [response.mediaType ?? JSON_TYPE]: {
          schema: writer.write(response.schema, 'output'),
          ...(example !== undefined && { example }),
        },
      },
    }),
  };
}

/** What the schema itself gives, which is shared by all routes that answer with it. */
function exampleOf(schema: z.ZodType | undefined): unknown {
  const examples: unknown = schema?.meta()?.['examples'];
  return Array.isArray(examples) ? examples[0] : undefined;
}
