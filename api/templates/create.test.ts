import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';
import { templateExample } from './schema';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const create = (body: unknown): Promise<TestAnswer> => service.admin('POST', '/v1/templates', { body });

const codesOf = (answer: TestAnswer): [string, string][] =>
  answer.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]);

const en = (body: string): unknown => ({ email: { variants: { en: { subject: 's', body } } } });

describe('POST /v1/templates', () => {
  it('201: creates version 1, active, and says where', async () => {
    const answer = await create(templateExample);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/templates/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.body).toMatchObject({
      ...templateExample,
      category: 'marketing',
      path: null,
      active: true,
      version: 1,
    });
  });

  it('201: reads channel and variants as contents of one channel', async () => {
    const { body } = await create({
      name: 'Short',
      channel: 'email',
      variants: { de: { subject: 'Hallo', body: 'Hallo {{first_name}}', html: null } },
      defaultLocale: 'de',
    });
    expect(body.contents).toEqual({
      email: { variants: { de: { subject: 'Hallo', body: 'Hallo {{first_name}}' } } },
    });
  });

  it.each(['   ', '\u00a0', '\u200b'])('422: refuses the blank name %j', async (name) => {
    const answer = await create({ ...templateExample, name });
    expect(codesOf(answer)).toEqual([['/name', 'field.format']]);
  });

  it('422: names every wrong field at once, rules across fields included', async () => {
    const answer = await create({
      name: '',
      contents: { email: { variants: { en: { body: 'Hello {{#name}}' } } }, fax: { variants: {} } },
      defaultLocale: 'en',
      requiredVariables: [5],
      active: 'yes',
      color: 'red',
    });
    expect(answer.status).toBe(422);
    expect(codesOf(answer).map(([pointer]) => pointer)).toEqual(
      expect.arrayContaining(['/name', '/contents/fax', '/requiredVariables/0', '/active', '/color']),
    );
  });

  it.each([
    ['Hello {{name', 'a tag that is never closed'],
    ['{{#a}}{{/b}}', 'sections that cross'],
    ['{{> header}}', 'a partial'],
  ])('422: refuses %p, with the place: %s', async (body) => {
    const answer = await create({ name: 'x', contents: en(body), defaultLocale: 'en' });
    expect(codesOf(answer)).toEqual([['/contents/email/variants/en/body', 'field.format']]);
    expect(answer.body.errors[0].message).toMatch(/line 1, column \d+/);
  });

  it('422: points into the short form when that is what was sent', async () => {
    const answer = await create({
      name: 'x',
      channel: 'email',
      variants: { en: { body: '{{' } },
      defaultLocale: 'en',
    });
    expect(codesOf(answer)).toEqual([['/variants/en/body', 'field.format']]);
  });

  it.each([
    [{ contents: en('b'), channel: 'email', variants: { en: { body: 'b' } } }],
    [{ channel: 'email' }],
    [{ variants: { en: { body: 'b' } } }],
    [{}],
  ])('422: wants exactly one of the two forms: %j', async (form) => {
    const answer = await create({ name: 'x', defaultLocale: 'en', ...form });
    expect(codesOf(answer)).toEqual([['/contents', 'field.conflict']]);
  });

  it('422: wants a variant that answers for the default locale', async () => {
    const answer = await create({ name: 'x', contents: en('b'), defaultLocale: 'fr' });
    expect(codesOf(answer)).toEqual([['/contents/email/variants', 'field.conflict']]);
  });

  it('422: refuses a tag that is no locale', async () => {
    const contents = { email: { variants: { 'not a locale': { body: 'b' } } } };
    const answer = await create({ name: 'x', contents, defaultLocale: '..' });
    expect(codesOf(answer)).toEqual([
      ['/contents/email/variants/not a locale', 'locale.invalid'],
      ['/defaultLocale', 'locale.invalid'],
    ]);
  });

  it('422: refuses one locale twice, whatever its case, rather than lose the words of one', async () => {
    const answer = await create({
      name: 'x',
      contents: {
        email: { variants: { en: { body: 'a' }, 'de-AT': { body: 'b' }, 'de-at': { body: 'c' } } },
      },
      strings: { en: {}, EN: {} },
      defaultLocale: 'en',
    });
    expect(codesOf(answer)).toEqual([
      ['/contents/email/variants/de-at', 'field.conflict'],
      ['/strings/EN', 'field.conflict'],
    ]);
    expect(answer.body.errors[0].message).toBe(
      'contents.email.variants.de-at: is the same locale as de-AT: put both into one',
    );
  });

  it.each(['{{first_name}}', 'a..b', '.', ' first_name', 'a.', 'a\nb', `${'a'.repeat(100)}{`])(
    '422: does not require %j, which no text can name',
    async (variable) => {
      const answer = await create({ ...templateExample, requiredVariables: ['order.id', variable] });
      expect(codesOf(answer)).toEqual([['/requiredVariables/1', 'field.format']]);
    },
  );

  it('422: does not require a text of the string tables, which is no variable', async () => {
    const strings = { en: { hello: 'Hello' } };
    const answer = await create({ ...templateExample, strings, requiredVariables: ['t.hello', 'total'] });
    expect(codesOf(answer)).toEqual([['/requiredVariables/0', 'field.conflict']]);
  });

  it('422: says which field a misspelt one may be', async () => {
    const contents = { email: { variants: { en: { body: 'b', subjct: 's' } } } };
    const answer = await create({ name: 'x', contents, defaultLocale: 'en', requiredVariable: [], color: 1 });
    expect(answer.body.errors.map(({ message }: { message: string }) => message)).toEqual([
      'contents.email.variants.en.subjct: there is no such field; did you mean "subject"?',
      'requiredVariable: there is no such field; did you mean "requiredVariables"?',
      'color: there is no such field',
    ]);
  });

  it('422: names what is wrong with string tables, and a key that nobody wrote', async () => {
    const answer = await create({
      name: 'x',
      contents: en('{{t.hello}} {{t.bye}}'),
      strings: { en: { hello: '{{' }, 'no locale': {} },
      defaultLocale: 'en',
    });
    expect(codesOf(answer)).toEqual([
      ['/contents/email/variants/en/body', 'field.conflict'],
      ['/strings/en/hello', 'field.format'],
      ['/strings/no locale', 'locale.invalid'],
    ]);
    const shapes = await create({
      name: 'x',
      contents: en('x'),
      strings: { en: { a: 5 }, de: 'x' },
      defaultLocale: 'en',
    });
    expect(codesOf(shapes)).toEqual([
      ['/strings/en/a', 'field.type'],
      ['/strings/de', 'field.type'],
    ]);
  });

  it('422: wants a body or html in each variant', async () => {
    const contents = { email: { variants: { en: { subject: 's' }, de: { html: '<p>x</p>' } } } };
    const answer = await create({ name: 'x', contents, defaultLocale: 'en' });
    expect(codesOf(answer)).toEqual([['/contents/email/variants/en/body', 'field.required']]);
  });

  it('403: lets only an ADMIN set the category transactional', async () => {
    const marketer = await service.withRole('MARKETER');
    const body = { ...templateExample, category: 'transactional' };
    const refused = await marketer('POST', '/v1/templates', { body });
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.role-missing']);
    expect((await create(body)).status).toBe(201);
  });
});
