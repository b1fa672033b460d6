import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';
import { templateExample } from './schema';

let service: TestService;
let path: string;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());
beforeEach(async () => {
  const { body } = await service.admin('POST', '/v1/templates', { body: templateExample });
  path = `/v1/templates/${body.id}`;
});

const ifMatch = (tag: string): { headers: Record<string, string> } => ({ headers: { 'If-Match': tag } });

describe('GET /v1/templates/:id', () => {
  it('200: answers the template with its version as ETag', async () => {
    const { status, headers, body } = await service.admin('GET', path);
    expect([status, headers.get('etag'), body.name]).toEqual([200, '"1"', 'Welcome']);
  });

  it('200: answers in full although If-None-Match names the version', async () => {
    const { status } = await service.admin('GET', path, { headers: { 'If-None-Match': '"1"' } });
    expect(status).toBe(200);
  });

  it('404: does not know a stranger', async () => {
    const { status, body } = await service.admin('GET', '/v1/templates/tpl_none');
    expect([status, body.code]).toEqual([404, 'template.unknown']);
  });
});

describe('GET /v1/templates', () => {
  it('200: pages newest first, without archived ones', async () => {
    await service.admin('POST', '/v1/templates', { body: { ...templateExample, name: 'Newer' } });
    const gone = await service.admin('POST', '/v1/templates', { body: { ...templateExample, name: 'Gone' } });
    await service.admin('DELETE', `/v1/templates/${gone.body.id}`);
    const first = await service.admin('GET', '/v1/templates?limit=1');
    expect(first.body.items.map(({ name }: { name: string }) => name)).toEqual(['Newer']);
    const second = await service.admin('GET', `/v1/templates?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body.items.map(({ name }: { name: string }) => name)).toEqual(['Welcome']);
  });
});

describe('PUT /v1/templates/:id', () => {
  it('200: writes the next version, also from what GET answered', async () => {
    const { body } = await service.admin('GET', path);
    const answer = await service.admin('PUT', path, {
      body: { ...body, name: 'Changed' },
      ...ifMatch('"1"'),
    });
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"2"']);
    expect(answer.body).toMatchObject({ name: 'Changed', version: 2 });
  });

  it('428: wants to know the version it is based on', async () => {
    const { status, body } = await service.admin('PUT', path, { body: templateExample });
    expect([status, body.code]).toEqual([428, 'version.required']);
  });

  it.each(['"2"', '"0"', '1', 'W/"1"', '"1; drop table template"'])(
    '412: refuses If-Match: %s',
    async (tag) => {
      const { status, body } = await service.admin('PUT', path, { body: templateExample, ...ifMatch(tag) });
      expect([status, body.code]).toEqual([412, 'version.stale']);
    },
  );

  it('412: lets one of two changes to the same version win', async () => {
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        service.admin('PUT', path, { body: { ...templateExample, name }, ...ifMatch('"1"') }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412]);
  });

  it('404: does not create', async () => {
    const answer = await service.admin('PUT', '/v1/templates/tpl_none', {
      body: templateExample,
      ...ifMatch('"1"'),
    });
    expect(answer.status).toBe(404);
  });
});

const patchAtOnce = (tag: string): Promise<TestAnswer[]> =>
  Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      service.admin('PATCH', path, { body: { name: `Name ${n}` }, ...ifMatch(tag) }),
    ),
  );

describe('PATCH /v1/templates/:id', () => {
  it('412: of 24 changes to one version at once exactly one wins', async () => {
    const statuses = (await patchAtOnce('"1"')).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(23).fill(412)]);
  });

  it('200: with If-Match: * 24 changes at once follow each other', async () => {
    const answers = await patchAtOnce('*');
    expect(answers.map(({ status }) => status)).toEqual(Array(24).fill(200));
    expect(new Set(answers.map(({ body }) => body.version)).size).toBe(24);
    expect((await service.admin('GET', path)).body.version).toBe(25);
  });

  it('200: If-Match may name several versions', async () => {
    const call = { body: { active: false }, ...ifMatch('"7", "1"') };
    expect((await service.admin('PATCH', path, call)).status).toBe(200);
  });

  it('422: says to patch contents when the short form is sent', async () => {
    const body = { channel: 'email', variants: { en: { body: 'b' } } };
    const answer = await service.admin('PATCH', path, { body, ...ifMatch('"1"') });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/contents']);
    expect(answer.body.errors[0].message).toContain('patch these');
  });

  it('200: merges', async () => {
    const patch = { active: false, contents: { email: { variants: { de: null } } } };
    const { status, body } = await service.admin('PATCH', path, { body: patch, ...ifMatch('"1"') });
    expect(status).toBe(200);
    expect(body).toMatchObject({ active: false, version: 2 });
    expect(Object.keys(body.contents.email.variants)).toEqual(['en']);
  });

  it('422: checks the merged template and writes no version when that is wrong', async () => {
    const patch = { contents: { email: { variants: { en: null } } } };
    const answer = await service.admin('PATCH', path, { body: patch, ...ifMatch('*') });
    expect([answer.status, answer.body.errors[0].code]).toEqual([422, 'field.conflict']);
    expect((await service.admin('GET', path)).body.version).toBe(1);
  });

  it('428: wants to know the version it is based on', async () => {
    expect((await service.admin('PATCH', path, { body: {} })).status).toBe(428);
  });
});

describe('GET /v1/templates/:id/versions', () => {
  it('200: pages every version that was, newest first', async () => {
    await service.admin('PATCH', path, { body: { name: 'Second' }, ...ifMatch('"1"') });
    await service.admin('PATCH', `${path}?apply=running`, { body: { name: 'Third' }, ...ifMatch('"2"') });
    const first = await service.admin('GET', `${path}/versions?limit=2`);
    const second = await service.admin('GET', `${path}/versions?limit=2&cursor=${first.body.nextCursor}`);
    expect([...first.body.items, ...second.body.items].map(({ version, name }) => [version, name])).toEqual([
      [3, 'Third'],
      [2, 'Second'],
      [1, 'Welcome'],
    ]);
    expect(second.body.nextCursor).toBeNull();
    expect(second.body.items[0]).toMatchObject({ contents: templateExample.contents, strings: {} });
  });

  it('404: does not know a stranger; 422: knows no other reach', async () => {
    expect((await service.admin('GET', '/v1/templates/tpl_none/versions')).status).toBe(404);
    const call = { body: { name: 'x' }, ...ifMatch('"1"') };
    const { status, body } = await service.admin('PATCH', `${path}?apply=all`, call);
    expect([status, body.errors[0].pointer]).toEqual([422, '/query/apply']);
  });
});

describe('DELETE /v1/templates/:id', () => {
  it('204: archives; it stays readable and cannot be changed any more', async () => {
    expect((await service.admin('DELETE', path)).status).toBe(204);
    const { body } = await service.admin('GET', path);
    expect(body).toMatchObject({ active: false, archivedAt: expect.any(String) });
    expect((await service.admin('PATCH', path, { body: { name: 'x' }, ...ifMatch('"1"') })).status).toBe(404);
    expect((await service.admin('DELETE', path)).status).toBe(204);
  });

  it('404: does not know a stranger', async () => {
    expect((await service.admin('DELETE', '/v1/templates/tpl_none')).status).toBe(404);
  });
});
