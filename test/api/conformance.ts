import Ajv2020 from 'ajv/dist/2020';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

interface Operation {
  readonly responses: Record<
    string,
    { content?: Record<string, { schema: object }>; headers?: Record<string, unknown> }
  >;
}

/** The document as `GET /openapi.json` answers it. */
export interface OpenApiDocument {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly mediaType: string | null;
  readonly body: unknown;
  readonly headers: Headers;
}

/**
 * Holds answers to the document: the route is described, so are its status and media type, and the body has the
 * described shape. Errors outside any route are held to the shape of a problem.
 */
export function createConformance(document: OpenApiDocument): (exchange: Exchange) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'openapi', components: document.components });
  const compiled = new Map<object, ValidateFunction>();

  const validate = (schema: object, body: unknown, where: string): void => {
    const check = compiled.get(schema) ?? ajv.compile(relink(schema));
    compiled.set(schema, check);
    if (!check(body))
      throw new Error(`${where} does not conform to openapi.json: ${ajv.errorsText(check.errors)}`);
  };

  return ({ method, path, status, mediaType, body, headers }) => {
    const where = `${method} ${path} -> ${status}`;
    if (!headers.get('x-correlation-id')) throw new Error(`${where} has no X-Correlation-Id`);
    const operation = operationFor(document, method, path);
    if (!operation) {
      validate({ $ref: 'openapi#/components/schemas/Problem' }, body, where);
      return;
    }
    const response = operation.responses[String(status)];
    if (!response) throw new Error(`${where} is not described in openapi.json`);
    for (const header of Object.keys(response.headers ?? {})) {
      if (headers.get(header) === null) throw new Error(`${where} lacks the described header ${header}`);
    }
    if (!response.content) {
      if (body !== undefined) throw new Error(`${where} is described without a body`);
      return;
    }
    const described = Object.entries(response.content).find(
      ([type]) => type.split(';')[0] === mediaType?.split(';')[0],
    );
    if (!described) throw new Error(`${where} answers ${mediaType}, which is not described`);
    validate(described[1].schema, body, where);
  };
}

function operationFor(document: OpenApiDocument, method: string, path: string): Operation | undefined {
  const found = Object.keys(document.paths)
    .filter((template) => matches(template, path))
    // A literal path wins over one with a parameter, as it does in the router.
    .toSorted((a, b) => a.split('{').length - b.split('{').length)
    .map((template) => document.paths[template]?.[method.toLowerCase()]);
  return found.find((operation) => operation !== undefined);
}

function matches(template: string, path: string): boolean {
  const pattern = template.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path.split('?')[0] ?? '');
}

function relink(schema: object): object {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
  const copy: unknown = JSON.parse(text);
  return typeof copy === 'object' && copy !== null ? copy : {};
}
