import type { InlineContent } from './content';
import { headerText } from './header-text';
import { renderMessage } from './message';

const content = (own: Partial<InlineContent> = {}): InlineContent => ({
  contents: {
    email: {
      variants: {
        en: { subject: 'Hi {{name}}', title: '{{name}}', body: 'Hello {{name}}' },
        'de-AT': { body: 'Servus {{name}}', html: '<b>{{name}}</b>' },
      },
    },
  },
  defaultLocale: 'en',
  requiredVariables: [],
  ...own,
});

describe('a message', () => {
  it('speaks the best locale there is', () => {
    const rendered = renderMessage(
      content(),
      'email',
      {},
      { locale: 'de-AT', attributes: { name: '<Ada>' } },
    );
    expect(rendered).toEqual({
      kind: 'rendered',
      message: { locale: 'de-AT', body: 'Servus <Ada>', html: '<b>&lt;Ada&gt;</b>' },
    });
  });

  it('takes data before attributes', () => {
    const rendered = renderMessage(
      content(),
      'email',
      { name: 'Data' },
      { locale: null, attributes: { name: 'Ada' } },
    );
    expect(rendered).toMatchObject({ message: { subject: 'Hi Data', title: 'Data', body: 'Hello Data' } });
  });

  it('keeps control characters out of subject and title, whoever wrote them', () => {
    const evil = 'a\r\nBcc: eve@example.test\u0000\u2028b\u0085';
    const rendered = renderMessage(content(), 'email', { name: evil }, { locale: 'en', attributes: {} });
    expect(rendered).toMatchObject({
      message: {
        subject: 'Hi a Bcc: eve@example.test b',
        title: 'a Bcc: eve@example.test b',
        body: `Hello ${evil}`,
      },
    });
    expect(headerText(' \t x \n')).toBe('x');
  });

  it('is not made without content for the channel, or without what it requires', () => {
    const reader = { locale: 'en', attributes: {} };
    expect(renderMessage(content(), 'noop', {}, reader)).toEqual({ kind: 'failed', reason: 'no-content' });
    expect(renderMessage(content({ defaultLocale: 'fr' }), 'email', {}, { ...reader, locale: 'es' })).toEqual(
      {
        kind: 'failed',
        reason: 'no-content',
      },
    );
    expect(renderMessage(content({ requiredVariables: ['name', 'x'] }), 'email', { x: 1 }, reader)).toEqual({
      kind: 'failed',
      reason: 'missing-variable',
      missing: ['name'],
    });
  });

  it('fails for itself when its text is malformed', () => {
    const broken = content({ contents: { email: { variants: { en: { body: '{{#a}}' } } } } });
    expect(renderMessage(broken, 'email', {}, { locale: 'en', attributes: {} })).toEqual({
      kind: 'failed',
      reason: 'template-error',
    });
  });
});
