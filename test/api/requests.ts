import type { OpenApiDocument, Operation } from './conformance';
import type { Call, Send, TestAnswer } from './service';

/** One operation of the document, with what a request to it is made of. */
export interface Described {
  /** As in `GET /v1/jobs/{id}`. */
  readonly name: string;
  readonly method: string;
  readonly template: string;
  /** `admin`, or the scope; absent on a public route. */
  readonly access: string | undefined;
  readonly has: (parameter: 'path' | 'query' | 'If-Match' | 'Idempotency-Key') => boolean;
  readonly body: 'none' | 'json' | 'file';
  readonly operation: Operation;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
}

type Full = Operation & { tags: string[]; parameters: Parameter[]; 'x-access'?: string };

/** Every operation but further paths of the same route. */
export function operationsOf(document: OpenApiDocument, aliases: string): Described[] {
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const { tags, parameters, 'x-access': access } = operation as Full;
      if (tags.includes(aliases)) return [];
      const content = Object.keys(operation.requestBody?.content ?? {});
      return {
        name: `${method.toUpperCase()} ${template}`,
        method: method.toUpperCase(),
        template,
        access,
        has: (what) => parameters.some(({ name, in: place }) => name === what || place === what),
        body: content.length === 0 ? 'none' : content.includes('application/json') ? 'json' : 'file',
        operation,
      };
    }),
  );
}

/** The request that the document shows as example, once for each media type: a body for each. */
export function exampleCalls({ operation, has }: Described): Call[] {
  const headers = has('If-Match') ? { 'If-Match': '*' } : undefined;
  const content = Object.entries(operation.requestBody?.content ?? {});
  if (content.length === 0) return [{ ...(headers && { headers }) }];
  return content.map(([mediaType, { example }]) => ({
    rawBody: typeof example === 'string' ? example : JSON.stringify(example),
    headers: { 'Content-Type': mediaType, ...headers },
  }));
}

/** Makes what a path names: each time another one, in the state that the operation asks for. */
export function createResources(
  send: Send,
  document: OpenApiDocument,
): (template: string) => Promise<string> {
  const example = (path: string, method: string): Record<string, unknown> =>
    Object(Object.values(document.paths[path]?.[method]?.requestBody?.content ?? {})[0]?.example);
  const created = async (path: string, more: object = {}): Promise<string> =>
    idOf(await send('POST', path, { body: { ...example(path, 'post'), ...more } }));
  let people = 0;
  let job: string | undefined;

  return async (template) => {
    const [, , kind] = template.split('/');
    if (kind === 'schedules') {
      const id = await created('/v1/schedules', { draft: template.endsWith('/publish') });
      if (template.endsWith('/resume')) await send('POST', `/v1/schedules/${id}/pause`);
      return id;
    }
    if (kind === 'recipients') {
      people += 1;
      const body = example('/v1/recipients/{id}', 'put');
      return idOf(await send('PUT', `/v1/recipients/person-${people}`, { body }));
    }
    if (kind === 'messages') {
      await send('PUT', `/v1/recipients/${String(example('/v1/messages', 'post')['recipient'])}`, {
        body: example('/v1/recipients/{id}', 'put'),
      });
    }
    if (kind === 'jobs') {
      // Few may run at once.
      if (job !== undefined) await send('DELETE', `/v1/jobs/${job}`);
      const headers = { 'Content-Type': 'text/csv' };
      job = idOf(await send('POST', '/v1/recipients/import', { rawBody: 'id\nada\n', headers }));
      return job;
    }
    return created(`/v1/${kind}`);
  };
}

function idOf({ status, body }: TestAnswer): string {
  if (status >= 300) throw new Error(`Not created: ${status} ${JSON.stringify(body)}`);
  return String(body.id);
}
