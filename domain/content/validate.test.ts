import { validateContent } from './validate';
import type { DraftContent } from './validate';

const draft = (contents: DraftContent['contents'], defaultLocale = 'en'): DraftContent => ({
  contents,
  defaultLocale,
});
const email = (body: string) => ({ email: { variants: { en: { body } } } });

const one = (variant: object) => validateContent(draft({ email: { variants: { en: variant } } }));

describe('content', () => {
  it('is fine with a body for the default locale; required variables need not be used', () => {
    expect(validateContent({ ...draft(email('Hi')), requiredVariables: ['never_used'] })).toEqual([]);
    expect(
      validateContent(draft({ noop: { variants: { en: { body: 'x' }, 'de-AT': { body: 'y' } } } }, 'en-GB')),
    ).toEqual([]);
  });

  it('names everything that is wrong at once, with its place and the fix', () => {
    expect(
      validateContent(
        draft({
          fax: { variants: { en: { body: 'x' } } },
          email: {
            variants: { en: { subject: '{{#a}}', body: ' ', html: '{{> p}}' }, de_AT: { body: 'x' } },
          },
          noop: { variants: { de: { body: ' ' } } },
        }),
      ),
    ).toEqual([
      {
        pointer: '/contents/fax',
        code: 'field.value',
        message: 'fax is no channel: use email, push, sms, inapp, webhook, noop',
      },
      {
        pointer: '/contents/email/variants/en/subject',
        code: 'field.format',
        message:
          'subject: is not valid Mustache: the section "a" is never closed with {{/a}} (line 1, column 7)',
      },
      {
        pointer: '/contents/email/variants/en/html',
        code: 'field.format',
        message: 'html: is not valid Mustache: partials ({{> name}}) are not supported (line 1, column 1)',
      },
      {
        pointer: '/contents/email/variants/en/body',
        code: 'field.required',
        message: 'body: must not be empty; leave it out to have the text made from html',
      },
      {
        pointer: '/contents/email/variants/de_AT',
        code: 'locale.invalid',
        message: 'de_AT is no locale: use a tag such as en or de-AT',
      },
      {
        pointer: '/contents/noop/variants/de/body',
        code: 'field.required',
        message: 'body: is required and must not be empty',
      },
      {
        pointer: '/contents/noop/variants',
        code: 'field.conflict',
        message: 'variants: none answers for the default locale en; add it, or choose another defaultLocale',
      },
    ]);
  });

  it('needs a body or html', () => {
    expect(one({ html: '<p>x</p>' })).toEqual([]);
    expect(
      [{}, { subject: 'x' }, { body: '' }, { html: ' ' }].map((variant) => one(variant)[0]?.pointer),
    ).toEqual(Array(4).fill('/contents/email/variants/en/body'));
  });

  it('needs a channel, a default locale, and names of its own', () => {
    expect(validateContent(draft({})).map(({ pointer }) => pointer)).toEqual(['/contents']);
    expect(validateContent(draft(email('x'), 'nope_')).map(({ pointer }) => pointer)).toEqual([
      '/contents/email/variants',
      '/defaultLocale',
    ]);
    const inherited = JSON.parse(
      '{"__proto__":{"variants":{"en":{"body":"x"}}},"toString":{"variants":{}}}',
    ) as DraftContent['contents'];
    expect(validateContent(draft(inherited)).map(({ code }) => code)).toEqual(['field.value', 'field.value']);
  });
});
