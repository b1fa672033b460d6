import type { InlineContent } from './content';
import { editionOf } from './edition';
import { renderMessage } from './message';
import type { RenderResult } from './message';
import { validateContent } from './validate';
import { plainVariablesOf } from './variables';

const content: InlineContent = {
  contents: {
    email: {
      variants: {
        en: {
          subject: '{{t.hello}}',
          body: '{{t.hello}} {{t.footer.legal}}{{#items}}\n- {{.}}{{/items}}',
          html: '<p>{{t.hello}}</p>{{{t.hello}}}',
        },
      },
    },
  },
  strings: {
    en: { hello: 'Hello <b>{{name}}</b>!', 'footer.legal': 'Imprint' },
    de: { hello: 'Hallo <b>{{name}}</b>!' },
    'de-AT': { 'footer.legal': 'Impressum' },
  },
  defaultLocale: 'en',
  requiredVariables: [],
};

const say = (locale: string | null, name = 'A&B'): RenderResult =>
  renderMessage(content, 'email', { items: ['x'] }, { locale, attributes: { name } });

describe('a string table', () => {
  it('gives each key in the nearest locale that has it', () => {
    expect(say('de-AT')).toMatchObject({
      message: { locale: 'de-AT', body: 'Hallo <b>A&B</b>! Impressum\n- x' },
    });
    expect(say('de-CH')).toMatchObject({ message: { locale: 'de', body: 'Hallo <b>A&B</b>! Imprint\n- x' } });
    expect(say('fr')).toMatchObject({ message: { locale: 'en', subject: 'Hello <b>A&B</b>!' } });
  });

  it('is text where it stands in two braces and markup where in three, its values escaped in both', () => {
    expect(say(null, '<i>')).toMatchObject({
      message: { html: '<p>Hello &lt;b&gt;&lt;i&gt;&lt;/b&gt;!</p>Hello <b>&lt;i&gt;</b>!' },
    });
  });

  it('is rendered for each person anew', () => {
    expect([say('de', 'Ada'), say('de', 'Bob')]).toEqual([
      expect.objectContaining({ message: expect.objectContaining({ subject: 'Hallo <b>Ada</b>!' }) }),
      expect.objectContaining({ message: expect.objectContaining({ subject: 'Hallo <b>Bob</b>!' }) }),
    ]);
  });

  it('never recurses, whatever is stored', () => {
    const odd: InlineContent = { ...content, strings: { en: { hello: '{{{t.hello}}}x' } } };
    expect(renderMessage(odd, 'email', {}, { locale: 'en', attributes: {} })).toMatchObject({
      message: { subject: 'x', html: '<p>x</p>x' },
    });
  });

  it('tells which variables everybody needs: those of its phrases, and none within sections', () => {
    const edition = editionOf(content, 'email', 'de');
    expect(edition && plainVariablesOf(edition)).toEqual(['name']);
  });

  it('leaves a text that has none as it was', () => {
    const { strings: _none, ...plain } = content;
    expect(
      renderMessage(plain, 'email', { t: { hello: 'from data' } }, { locale: null, attributes: {} }),
    ).toMatchObject({
      message: { subject: 'from data' },
    });
  });
});

const problems = (own: Partial<InlineContent>): [string, string][] =>
  validateContent({ ...content, ...own }).map(({ pointer, message }) => [pointer, message]);

describe('string tables', () => {
  it('are fine when the default locale has every key that is read', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ defaultLocale: 'en-GB' })).toEqual([]);
  });

  it('are refused by the place of what is wrong in them', () => {
    const strings = {
      de_AT: {},
      en: {
        hello: '{{#a}}',
        'a b': 'x',
        'footer.legal': '{{t.hello}}',
        ['k'.repeat(101)]: '',
      },
    };
    expect(problems({ strings })).toEqual(
      [
        ['/strings/de_AT', 'de_AT is no locale: use a tag such as en or de-AT'],
        [
          '/strings/en/hello',
          'hello: is not valid Mustache: the section "a" is never closed with {{/a}} (line 1, column 7)',
        ],
        ['/strings/en/a b', 'a b: a key has at most 100 letters, digits, "_", "-", and dots between them'],
        ['/strings/en/footer.legal', 'footer.legal: {{t.hello}} cannot stand within a text of strings'],
        [`/strings/en/${'k'.repeat(101)}`, expect.stringContaining('a key has at most 100')],
      ].map(([pointer, message]) => [pointer, message]),
    );
  });

  it('are missed where a text reads a key that the default locale lacks', () => {
    const body = 'x {{t.goodbye}}';
    expect(problems({ contents: { noop: { variants: { en: { body } } } } })).toEqual([
      [
        '/contents/noop/variants/en/body',
        'body: {{t.goodbye}} has no text in strings for the default locale en',
      ],
    ]);
    const section = '{{#t.hello}}x{{/t.hello}}';
    expect(problems({ contents: { noop: { variants: { en: { body: section } } } } })).toEqual([
      ['/contents/noop/variants/en/body', 'body: {{#t.hello}} is a text and cannot open a section'],
    ]);
  });
});
