import type { InlineContent, Variant } from '../domain/content/content';

/** What teams really send: ten values, a list, a section that some people see, text and HTML. */
export const NEWSLETTER = {
  subject: '{{first_name}}, {{count}} things for you in {{city}}',
  body: [
    'Dear {{first_name}} {{last_name}},',
    '',
    'these are the {{count}} things that we picked for you in {{city}} this week:',
    '{{#articles}}',
    '- {{title}} ({{minutes}} min): {{url}}',
    '{{/articles}}',
    '{{#premium}}As a member since {{since}} you save {{discount}} until {{until}}.{{/premium}}',
    '',
    'You get this because your plan is {{plan}}. Write to {{support}} if anything is wrong.',
    '',
  ].join('\n'),
  html: [
    '<!doctype html><html><body style="font-family: sans-serif; max-width: 600px">',
    '<h1>{{count}} things for you in {{city}}</h1>',
    '<p>Dear <b>{{first_name}} {{last_name}}</b>, these are the ones that we picked for you this week:</p>',
    '<ul>{{#articles}}<li><a href="{{{url}}}">{{title}}</a> <small>{{minutes}} min</small></li>',
    '{{/articles}}</ul>',
    '{{#premium}}<p>As a member since {{since}} you save {{discount}} until {{until}}.</p>{{/premium}}',
    '<p>You get this because your plan is {{plan}}. Write to <a href="mailto:{{support}}">{{support}}</a> if anything is wrong.</p>',
    '</body></html>',
    '',
  ].join('\n'),
} satisfies Variant;

export const NEWSLETTER_CONTENT: InlineContent = {
  contents: { email: { variants: { en: NEWSLETTER } } },
  defaultLocale: 'en',
  requiredVariables: ['first_name'],
};

const CITIES = ['Kathmandu', 'St. John’s', 'Nuuk', 'Dublin', 'Apia', 'Kolkata', 'Tromsø', 'Lomé'];

/** What is known of the person number `n`; no two in a row are alike. */
export function attributesOf(n: number): Record<string, unknown> {
  return {
    first_name: `Ada ${n}`,
    last_name: `O'Neill-${n % 977}`,
    city: CITIES[n % CITIES.length],
    plan: n % 3 === 0 ? 'premium' : 'free',
    premium: n % 3 === 0,
    since: 2015 + (n % 11),
    discount: `${5 + (n % 4) * 5} %`,
    until: 'Sunday',
    support: 'help@example.com',
    count: 5,
    articles: Array.from({ length: 5 }, (_, index) => ({
      title: `Story ${(n * 7 + index) % 1_000} & what came of it`,
      minutes: 2 + ((n + index) % 9),
      url: `https://news.example.com/stories/${(n * 7 + index) % 1_000}?reader=${n}&from=mail`,
    })),
  };
}
