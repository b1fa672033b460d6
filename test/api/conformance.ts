import Ajv2020 from 'ajv/dist/2020';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../api/openapi/document';
import type { Route } from '../../api/http/route';

export interface HeaderSpec {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly schema?: object;
}

export interface ResponseSpec {
  readonly headers: Record<string, HeaderSpec>;
  readonly content?: Record<
    string,
    { schema: object; example?: unknown; examples?: Record<string, { value: unknown }> }
  >;
}

export interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Record<string, { schema: object; example: unknown }> };
  readonly responses: Record<string, ResponseSpec>;
}

/** The document as `GET /openapi.json` answers it. */
export interface OpenApiDocument {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, object>;
    readonly headers: Record<string, HeaderSpec>;
  };
}

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** What was sent; empty when nothing was. */
  readonly text: string;
}

/** What every answer may carry beside the headers that are described, `Content-Type` being said by `content`. */
const OF_HTTP = new Set(['content-type', 'content-length', 'x-content-type-options']);

export function documentOf(routes: readonly Route[]): OpenApiDocument {
  const document: OpenApiDocument = JSON.parse(JSON.stringify(openApiDocument(routes)));
  return document;
}

/**
 * Holds answers to the document: the route is described, so are its status, media type and headers, and the body has
 * the described shape. Errors outside any route are held to the shape of a problem. It returns which of the described
 * answers this was, as `GET /v1/jobs/{id} 404 job.unknown`, or null outside any route.
 */
export function createConformance(document: OpenApiDocument): (exchange: Exchange) => string | null {
  const mistakes = createValidator(document);
  const validate = (schema: object, value: unknown, where: string): void => {
    const found = mistakes(schema, value);
    if (found !== null) throw new Error(`${where} does not conform: ${found}`);
  };

  function holdHeaders(response: ResponseSpec, headers: Exchange['headers'], where: string): void {
    const described = new Map(
      Object.entries(response.headers).map(([name, spec]) => [name.toLowerCase(), resolved(document, spec)]),
    );
    for (const name of headers.keys()) {
      if (!OF_HTTP.has(name) && !described.has(name)) throw new Error(`${where} has an undescribed ${name}`);
    }
    for (const [name, { required, schema }] of described) {
      const value = headers.get(name);
      if (value !== undefined) validate(schema ?? {}, value, `${where}, its header ${name}`);
      else if (required) throw new Error(`${where} lacks the described header ${name}`);
    }
  }

  return ({ method, path, status, headers, text }) => {
    const where = `${method} ${path} -> ${status}`;
    const mediaType = headers.get('content-type');
    const found = operationFor(document, method, path);
    if (!found) {
      if (!headers.has('x-correlation-id')) throw new Error(`${where} has no X-Correlation-Id`);
      validate({ $ref: '#/components/schemas/Problem' }, JSON.parse(text), where);
      return null;
    }
    const name = `${method} ${found.template} ${status}`;
    const response = found.operation.responses[String(status)];
    if (!response) throw new Error(`${where} is not described in openapi.json`);
    holdHeaders(response, headers, where);
    if (!response.content) {
      if (text !== '') throw new Error(`${where} is described without a body`);
      return name;
    }
    const described = mediaType === undefined ? undefined : response.content[mediaType];
    if (!described) throw new Error(`${where} answers ${mediaType}, which is not described`);
    const body: unknown = isJson(mediaType) ? JSON.parse(text) : text;
    validate(described.schema, body, where);
    return mediaType === 'application/problem+json' ? `${name} ${codeOf(body)}` : name;
  };
}

export function isJson(mediaType: string | null | undefined): boolean {
  return /[/+]json\b/.test(mediaType ?? '');
}

/** Says what is wrong with a value by a schema of the document, or null. */
export function createValidator(
  document: OpenApiDocument,
): (schema: object, value: unknown) => string | null {
  // Hundreds of schemas refer to few: these are compiled once and not into each of them.
  const ajv = new Ajv2020({ strict: false, allErrors: true, inlineRefs: false });
  addFormats(ajv);
  ajv.addSchema({ $id: 'openapi', components: document.components });
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, validate);
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
}

function resolved(document: OpenApiDocument, spec: HeaderSpec): HeaderSpec {
  return document.components.headers[spec.$ref?.split('/').at(-1) ?? ''] ?? spec;
}

function codeOf(body: unknown): string {
  return typeof body === 'object' && body !== null ? String(Reflect.get(body, 'code')) : '';
}

function operationFor(
  document: OpenApiDocument,
  method: string,
  path: string,
): { template: string; operation: Operation } | undefined {
  return (
    Object.keys(document.paths)
      .filter((template) => matches(template, path))
      // A literal path wins over one with a parameter, as it does in the router.
      .toSorted((a, b) => a.split('{').length - b.split('{').length)
      .flatMap((template) => {
        const operation = document.paths[template]?.[method.toLowerCase()];
        return operation ? [{ template, operation }] : [];
      })[0]
  );
}

function matches(template: string, path: string): boolean {
  const pattern = template.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path.split('?')[0] ?? '');
}
