import { renderMessage } from './message';
import { textOfHtml } from './text-of-html';

describe('the text of HTML', () => {
  it('keeps paragraphs, lists and the addresses of links, and drops what is only seen', () => {
    const html =
      '<html><head><title>t</title><style>p { color: red }</style></head><body><h1>Hello Ada &amp; Bob</h1>' +
      '<p>One<br>two</p><ul><li>A</li><li>B</li></ul><p><a href="https://example.test/a?b=1">Shop</a>, ' +
      '<a href="https://example.test">https://example.test</a></p><img src="x.png" alt="Logo"></body></html>';
    expect(textOfHtml(html)).toBe(
      'Hello Ada & Bob\n\nOne\ntwo\n\n * A\n * B\n\nShop [https://example.test/a?b=1], https://example.test',
    );
  });

  it('is found in any heap of tags', () => {
    expect(textOfHtml('<p>a<p>b</div></i>c & d &nope; <')).toBe('a\n\nbc & d &nope; <');
    expect(textOfHtml('<div>'.repeat(50_000))).toBe('…');
    expect(textOfHtml('')).toBe('');
  });

  it('is that of the first 10,000 elements', () => {
    const elements = `<b>${'<i></i>'.repeat(9)}</b>`.repeat(1_000);
    expect(textOfHtml(`${elements}end`)).toBe('end');
    expect(textOfHtml(`start${elements}<i>end</i>`)).toBe('start…');
  });

  it('is cut where elements nest without end', () => {
    expect(textOfHtml('<ul><li>x'.repeat(100_000))).toMatch(/^ \* x[^]*…$/);
  });

  it('speaks for a variant without a body', () => {
    const rendered = renderMessage(
      {
        contents: { email: { variants: { en: { html: '<p>Hi <b>{{name}}</b></p>' } } } },
        defaultLocale: 'en',
        requiredVariables: [],
      },
      'email',
      {},
      { locale: null, attributes: { name: 'Tom & <Jerry>' } },
    );
    expect(rendered).toMatchObject({
      message: { html: '<p>Hi <b>Tom &amp; &lt;Jerry&gt;</b></p>', body: 'Hi Tom & <Jerry>' },
    });
  });
});
