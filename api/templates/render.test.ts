import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';
import { templateExample } from './schema';

let service: TestService;
let path: string;
beforeAll(async () => {
  service = await startService();
  const { body } = await service.admin('POST', '/v1/templates', { body: templateExample });
  path = `/v1/templates/${body.id}/render`;
  await service.admin('PUT', '/v1/recipients/ada', {
    body: { locale: 'de-AT', attributes: { first_name: 'Ada <3' } },
  });
});
afterAll(() => service.stop());

const render = (body: unknown): Promise<TestAnswer> => service.admin('POST', path, { body });

describe('POST /v1/templates/:id/render', () => {
  it('200: renders with data, in the default locale', async () => {
    const { status, body } = await render({ channel: 'email', data: { first_name: 'Tom & Jerry' } });
    expect(status).toBe(200);
    expect(body).toEqual({
      channel: 'email',
      locale: 'en',
      subject: 'Welcome, Tom & Jerry',
      body: 'Good to have you here, Tom & Jerry.',
      missing: [],
    });
  });

  it("200: renders with a recipient's attributes and locale", async () => {
    const { body } = await render({ channel: 'email', recipient: 'ada' });
    expect(body).toMatchObject({ locale: 'de', subject: 'Willkommen, Ada <3' });
  });

  it('200: lets data win over attributes, and a locale over that of the recipient', async () => {
    const { body } = await render({
      channel: 'email',
      recipient: 'ada',
      locale: 'en',
      data: { first_name: 'You' },
    });
    expect(body).toMatchObject({ locale: 'en', subject: 'Welcome, You' });
  });

  it('422: lists every missing variable', async () => {
    const { status, body } = await render({ channel: 'email' });
    expect([status, body.code]).toEqual([422, 'render.failed']);
    expect(body.errors).toEqual([
      {
        pointer: '/data/first_name',
        code: 'variable.missing',
        message: expect.stringContaining('data.first_name'),
      },
    ]);
  });

  it('422: says when the template has nothing for the channel', async () => {
    const { body } = await render({ channel: 'sms', data: { first_name: 'x' } });
    expect(body.errors).toEqual([
      expect.objectContaining({ pointer: '/channel', code: 'template.unusable' }),
    ]);
  });

  it('422: names a recipient who does not exist, a wrong channel and an unknown field', async () => {
    expect((await render({ channel: 'email', recipient: 'stranger' })).body.errors).toEqual([
      expect.objectContaining({ pointer: '/recipient', code: 'reference.unknown' }),
    ]);
    const { body } = await render({ channel: 'fax', data: [], extra: 1 });
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/channel',
      '/data',
      '/extra',
    ]);
  });

  it('200: takes the only channel when none is named, and wants one named when there are two', async () => {
    const words = { variants: { en: { body: 'Hi {{name}}{{#vip}} and thanks{{/vip}}, {{order.id}}' } } };
    const create = (contents: object): Promise<TestAnswer> =>
      service.admin('POST', '/v1/templates', { body: { name: 'x', defaultLocale: 'en', contents } });
    const one = await create({ sms: words });
    const rendered = await service.admin('POST', `/v1/templates/${one.body.id}/render`, {
      body: { data: { name: 'Ada' } },
    });
    expect(rendered.body).toEqual({
      channel: 'sms',
      locale: 'en',
      body: 'Hi Ada, ',
      missing: ['order.id'],
    });
    const two = await create({ sms: words, email: words });
    const refused = await service.admin('POST', `/v1/templates/${two.body.id}/render`, { body: {} });
    expect(refused.body.errors).toEqual([
      { pointer: '/channel', code: 'field.required', message: 'channel: is required: one of email, sms' },
    ]);
  });

  it('200: speaks by string tables, and makes the text of html where there is no body', async () => {
    const { body: template } = await service.admin('POST', '/v1/templates', {
      body: {
        name: 'Layout',
        channel: 'email',
        variants: { en: { subject: '{{t.hello}}', html: '<h1>{{t.hello}}</h1><p>{{t.bye}}</p>' } },
        strings: {
          en: { hello: 'Hello {{first_name}}', bye: 'Bye' },
          'DE-at': { hello: 'Servus {{first_name}}' },
        },
        defaultLocale: 'en',
      },
    });
    expect(Object.keys(template.strings)).toEqual(['en', 'de-AT']);
    const { body } = await service.admin('POST', `/v1/templates/${template.id}/render`, {
      body: { recipient: 'ada' },
    });
    expect(body).toEqual({
      channel: 'email',
      locale: 'de-AT',
      subject: 'Servus Ada <3',
      html: '<h1>Servus Ada &lt;3</h1><p>Bye</p>',
      body: 'Servus Ada <3\n\nBye',
      missing: [],
    });
  });

  it('404: does not know a stranger', async () => {
    const answer = await service.admin('POST', '/v1/templates/tpl_none/render', {
      body: { channel: 'email' },
    });
    expect(answer.status).toBe(404);
  });

  it('200: takes Mustache in values for text', async () => {
    const first_name = '{{first_name}} {{{first_name}}} {{=<% %>=}} {{> x}} {{#a}}';
    const { body } = await render({ channel: 'email', data: { first_name } });
    expect(body.subject).toBe(`Welcome, ${first_name}`);
  });

  it('200: keeps line breaks of values out of the subject', async () => {
    const { body } = await render({ channel: 'email', data: { first_name: 'a\r\nBcc: eve@example.com' } });
    expect(body.subject).not.toMatch(/[\r\n]/);
  });
});
