import type { InlineContent } from './content';
import { allNeedsOf, needsOf, sourceOf } from './needs';

const content: InlineContent = {
  contents: {
    email: {
      variants: {
        en: {
          subject: 'Hi {{first_name}}',
          body: '{{#vip}}{{perk}}{{/vip}}{{^vip}}{{x}}{{/vip}} {{t.bye}} {{.}}',
        },
        de: { body: 'Hallo {{anrede.name}}', html: '{{{anrede.name}}}{{plan}}' },
      },
    },
  },
  strings: { en: { bye: 'Bye {{nick}}' }, fr: { bye: 'Salut {{surnom}}' } },
  defaultLocale: 'en',
  requiredVariables: ['plan', 'plan'],
};

describe('content', () => {
  it('needs what stands in it for everybody of a locale, and what it requires', () => {
    expect(needsOf(content, 'email', 'en-GB')).toEqual({ required: ['plan'], plain: ['first_name', 'nick'] });
    expect(needsOf(content, 'email', 'fr')).toEqual({ required: ['plan'], plain: ['first_name', 'surnom'] });
    expect(needsOf(content, 'email', 'de')).toEqual({ required: ['plan'], plain: ['anrede.name'] });
    expect(allNeedsOf(content, 'email').toSorted()).toEqual([
      'anrede.name',
      'first_name',
      'nick',
      'plan',
      'surnom',
    ]);
  });

  it('needs nothing where it says nothing, or cannot be rendered', () => {
    expect(needsOf(content, 'sms', 'en')).toEqual({ required: [], plain: [] });
    const broken = { ...content, contents: { email: { variants: { en: { body: '{{#a}}' } } } } };
    expect(needsOf(broken, 'email', 'en')).toEqual({ required: [], plain: [] });
  });

  it('takes from data what the data name, also when they have no value for it', () => {
    const data = { coupon: 'X', order: { id: 5 }, none: null };
    const names = ['coupon', 'order.id', 'order.total', 'none', 'first_name', 'constructor'];
    expect(names.map((name) => sourceOf(name, data))).toEqual([
      'data',
      'data',
      'nobody',
      'nobody',
      'person',
      'person',
    ]);
  });
});
