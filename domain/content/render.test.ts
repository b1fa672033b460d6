import fc from 'fast-check';
import Mustache from 'mustache';
import { compileTemplate } from './compiled-template';
import { renderHtml, RenderLimitError, renderText } from './render';
import { scopeOf } from './scope';
import { missingVariables, variablesOf } from './variables';

const text = (source: string, ...frames: unknown[]): string =>
  renderText(compileTemplate(source), scopeOf(...frames));
const html = (source: string, ...frames: unknown[]): string =>
  renderHtml(compileTemplate(source), scopeOf(...frames));

describe('rendering', () => {
  it('reads variables, sections, lists and the current item', () => {
    expect(text('Hi {{first_name}}{{^vip}}!{{/vip}}', { first_name: 'Ada' })).toBe('Hi Ada!');
    expect(text('{{#items}}{{.}} {{/items}}', { items: [1, 'b', true] })).toBe('1 b true ');
    expect(
      text('{{#items}}{{name}} of {{shop}}, {{/items}}', {
        items: [{ name: 'x' }, { name: 'y' }],
        shop: 'S',
      }),
    ).toBe('x of S, y of S, ');
    expect(text('{{a.b.c}}|{{a.x.c}}|{{list.0}}', { a: { b: { c: 5 } }, list: ['z'] })).toBe('5||z');
    expect(text('{{! comment }}{{missing}}{{nothing}}', { nothing: null })).toBe('');
  });

  it('lets the first frame win', () => {
    expect(text('{{a}}{{b}}', { a: 'data' }, { a: 'attribute', b: 'attribute' })).toBe('dataattribute');
  });

  it('escapes in html alone, and there not what three braces or & ask for raw', () => {
    const view = { x: `<b>"Tom" & 'Jerry'</b>` };
    expect(text('{{x}} {{{x}}} {{&x}}', view)).toBe(`${view.x} ${view.x} ${view.x}`);
    expect(html('{{x}}', view)).toBe('&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jerry&#39;&lt;/b&gt;');
    expect(html('{{{x}}}{{& x}}', view)).toBe(view.x + view.x);
    expect(html('<a href="https://x.test/{{x}}">', { x: 'a/b=c' })).toBe('<a href="https://x.test/a/b=c">');
  });

  it('does not render values again', () => {
    expect(text('{{a}}', { a: '{{b}}', b: 'secret' })).toBe('{{b}}');
    expect(text('{{#a}}{{.}}{{/a}}', { a: ['{{{b}}}'], b: 'secret' })).toBe('{{{b}}}');
  });

  it('knows no inherited properties and calls nothing', () => {
    for (const name of [
      'constructor',
      '__proto__',
      'toString',
      'constructor.name',
      '__proto__.polluted',
      'hasOwnProperty',
      'a.constructor',
      'list.map',
      'word.length',
    ]) {
      const view = { a: {}, list: ['x'], word: 'abc' };
      expect(text(`{{${name}}}{{#${name}}}inside{{/${name}}}`, view)).toBe('');
      expect(html(`{{{${name}}}}`, view)).toBe('');
    }
    const own: unknown = JSON.parse(
      '{"__proto__":"own","constructor":"mine","toString":5,"valueOf":{"x":1}}',
    );
    expect(text('{{__proto__}} {{constructor}} {{toString}} {{valueOf}}', own)).toBe('own mine 5 ');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes functions for nothing: lambdas are off', () => {
    expect(text('{{#f}}x{{/f}}{{f}}', { f: () => 'called' })).toBe('x');
  });

  it('lets delimiters change within a text, as Mustache has it', () => {
    expect(text('{{=<% %>=}}<% a %> {{a}} <%={{ }}=%>{{a}}', { a: 1 })).toBe('1 {{a}} 1');
  });

  it('is bounded in steps and in output', () => {
    const list = Array.from({ length: 1_000 }, () => ({}));
    expect(() => text('{{#list}}{{#list}}{{#list}}{{/list}}{{/list}}{{/list}}', { list })).toThrow(
      RenderLimitError,
    );
    const long = 'x'.repeat(10_000);
    expect(() => text('{{#list}}{{long}}{{/list}}', { list, long })).toThrow(RenderLimitError);
  });

  it('agrees with Mustache itself on views of texts, numbers, lists and objects', () => {
    const word = fc.stringMatching(/^[a-z<&"']{0,4}$/);
    const view = fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.oneof(
        word,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(word),
        fc.array(fc.record({ a: word }, { noNullPrototype: true })),
      ),
      { noNullPrototype: true },
    );
    const part = fc.constantFrom(
      'x',
      '\n',
      '  ',
      '{{a}}',
      '{{{b}}}',
      '{{&c}}',
      '{{#a}}',
      '{{/a}}',
      '{{^b}}',
      '{{/b}}',
      '{{#c}}',
      '{{/c}}',
      '{{.}}',
      '{{! c }}',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), view, (parts, values) => {
        const source = parts.join('');
        const theirs = textOrNull(() => Mustache.render(source, values, {}, { escape: escaped }));
        // The one difference: an object has no text here.
        fc.pre(theirs?.includes('[object Object]') !== true);
        expect(textOrNull(() => html(source, values))).toBe(theirs);
      }),
      { numRuns: 2_000 },
    );
  });
});

function textOrNull(render: () => string): string | null {
  try {
    return render();
  } catch {
    return null;
  }
}

function escaped(value: unknown): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return String(value).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

describe('variables', () => {
  it('of a template are all that it reads', () => {
    expect(variablesOf(compileTemplate('{{a}}{{#b}}{{c.d}}{{.}}{{/b}}{{^e}}{{a}}{{/e}}'))).toEqual([
      'a',
      'b',
      'c.d',
      'e',
    ]);
  });

  it('are missing when absent or null; an empty text, zero and false are values', () => {
    const scope = scopeOf({ a: null, b: '', c: 0, d: false }, { a: 'behind', e: { f: 1 } });
    expect(missingVariables(['a', 'b', 'c', 'd', 'e.f', 'e.g', 'toString'], scope)).toEqual([
      'a',
      'e.g',
      'toString',
    ]);
  });
});
