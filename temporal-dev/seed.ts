import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A dozen people, each in a zone that has broken somebody's scheduler: odd offsets, odd gaps, the edges of the day. */
const PEOPLE: readonly (readonly [name: string, zone: string])[] = [
  ['Asha', 'Asia/Kathmandu'],
  ['Bruce', 'Australia/Lord_Howe'],
  ['Carol', 'America/St_Johns'],
  ['Dana', 'Pacific/Chatham'],
  ['Emin', 'Africa/Casablanca'],
  ['Frida', 'Antarctica/Troll'],
  ['Galu', 'Pacific/Apia'],
  ['Hans', 'America/Nuuk'],
  ['Iseult', 'Europe/Dublin'],
  ['Jaya', 'Asia/Kolkata'],
  ['Kim', 'America/Los_Angeles'],
  ['Lani', 'Pacific/Kiritimati'],
];

const TEMPLATE_NAME = 'Welcome';
const TEMPLATE = {
  name: TEMPLATE_NAME,
  category: 'marketing',
  defaultLocale: 'en',
  contents: {
    email: {
      variants: {
        en: {
          subject: 'Welcome, {{first_name}}',
          body: 'Good morning, {{first_name}}. It is nine o’clock where you are.',
          html: '<p>Good morning, <b>{{first_name}}</b>. It is nine o’clock where you are.</p>',
        },
      },
    },
  },
  requiredVariables: ['first_name'],
};

/** Fills a new embedded database through the API, as any client would; a mark remembers that it is done. */
export async function seed(api: string, adminKey: string, data: string): Promise<void> {
  const mark = path.join(data, 'seeded');
  if (existsSync(mark)) return;
  const ask = (method: string, route: string, body?: object): Promise<unknown> =>
    request(api, adminKey, method, route, body);
  for (const [name, timeZone] of PEOPLE) {
    const id = `example-${name.toLowerCase()}`;
    await ask('PUT', `/v1/recipients/${id}`, {
      email: `${name.toLowerCase()}@example.com`,
      locale: 'en',
      timeZone,
      attributes: { first_name: name, plan: 'premium' },
    });
  }
  // A start that was cut short before the mark may have made it already.
  if (!names(await ask('GET', '/v1/templates?limit=100')).includes(TEMPLATE_NAME)) {
    await ask('POST', '/v1/templates', TEMPLATE);
  }
  writeFileSync(mark, '');
}

async function request(
  api: string,
  adminKey: string,
  method: string,
  route: string,
  body: object | undefined,
): Promise<unknown> {
  const response = await fetch(`${api}${route}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${route} answered ${response.status}: ${text}`);
  return text === '' ? null : JSON.parse(text);
}

function names(list: unknown): unknown[] {
  const items: unknown = typeof list === 'object' && list !== null ? Reflect.get(list, 'items') : undefined;
  return Array.isArray(items)
    ? items.map((item: unknown) =>
        typeof item === 'object' && item !== null ? Reflect.get(item, 'name') : null,
      )
    : [];
}
