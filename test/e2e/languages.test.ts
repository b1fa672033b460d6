import { randomUUID } from 'node:crypto';
import { loadZones } from '../../platform/zones';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { seedPeople } from '../people';
import type { SeedPerson } from '../people';
import { allMailsTo, textOf } from './inbox';
import { ownDomain, untilStatus } from './people';
import { openSundial } from './sundial';
import type { Sundial } from './sundial';

jest.setTimeout(600_000);

const PEOPLE = 12_000;

let fresh: FreshDatabase;
let sundial: Sundial;

beforeAll(async () => {
  fresh = await freshDatabase();
  sundial = await openSundial({ databaseUrl: fresh.url, taskQueue: randomUUID(), zones: loadZones() });
  await sundial.startWorker();
});

afterAll(async () => {
  await sundial.stop();
  await fresh.drop();
});

const LOCALES = ['de-AT', 'de', 'fr-CA', 'en-GB', 'pt', undefined];

/** What somebody of a locale is to read; Portuguese is not spoken. */
const GREETINGS: Record<string, string> = {
  'de-AT': 'Servus',
  de: 'Hallo',
  'fr-CA': 'Bonjour',
  'en-GB': 'Hello',
  pt: 'Hello',
  none: 'Hello',
};

const localeOf = (index: number): string | undefined => LOCALES[index % LOCALES.length];

/** One in six is on the plan `free` and has not been here lately. */
const somebody = (domain: string, index: number): SeedPerson => {
  const locale = localeOf(index);
  const out = Math.floor(index / 2) % 6 === 0;
  return {
    id: `p${index}`,
    email: `p${index}@${domain}`,
    ...(locale !== undefined && { locale }),
    attributes: { first_name: `P${index}`, plan: out ? 'free' : 'premium', visits: out ? 0 : index % 10 },
  };
};

const template = {
  name: 'Newsletter',
  channel: 'email',
  variants: {
    en: { subject: '{{t.hello}} {{first_name}}', html: '<p>{{t.hello}} {{first_name}}, {{t.news}}.</p>' },
    fr: { subject: 'Bonjour {{first_name}}', body: 'Bonjour {{first_name}}, voici les nouvelles.' },
  },
  strings: {
    en: { hello: 'Hello', news: 'here is the news' },
    de: { hello: 'Hallo', news: 'hier sind die Neuigkeiten' },
    'de-AT': { hello: 'Servus' },
  },
  defaultLocale: 'en',
  requiredVariables: ['first_name'],
};

async function post(path: string, body: object): Promise<{ id: string }> {
  const answer = await sundial.call('POST', path, body);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

describe('a template in three languages', () => {
  it('reaches ten thousand people of a nested condition, each in the right language', async () => {
    const domain = ownDomain();
    const people = Array.from({ length: PEOPLE }, (_, index) => somebody(domain, index));
    for (let from = 0; from < PEOPLE; from += 2_000) {
      await seedPeople(sundial.db, sundial.keyRing, 1, people.slice(from, from + 2_000));
    }
    const { id: templateId } = await post('/v1/templates', template);
    const { id: segment } = await post('/v1/segments', {
      name: 'Paying',
      query: { planIn: ['premium', 'gold'] },
    });
    const audienceQuery = {
      any: [{ all: [{ segment }, { visitsLte: 4 }] }, { all: [{ not: { plan: 'free' } }, { visitsGte: 5 }] }],
    };
    const schedule = { name: 'News', channel: 'email', templateId, delay: 'PT1S', audienceQuery };
    const { id } = await post('/v1/schedules', schedule);
    await untilStatus(sundial, id, 'completed', 480_000);

    const wanted = people.flatMap(({ email, locale, attributes }) =>
      attributes?.['plan'] === 'free'
        ? []
        : [`${email} ${GREETINGS[locale ?? 'none']} ${String(attributes?.['first_name'])}`],
    );
    expect(wanted).toHaveLength(10_000);
    const mails = await allMailsTo(domain);
    const read = mails.map(({ to, subject }) => `${to.join()} ${subject}`);
    expect(read.toSorted()).toEqual(wanted.toSorted());

    const said = async (locale: string): Promise<string | undefined> => {
      const mail = mails.find(({ subject }) => localeOf(Number(subject.split('P')[1])) === locale);
      return mail && (await textOf(mail)).trim();
    };
    expect(await said('de-AT')).toMatch(/^Servus P\d+, hier sind die Neuigkeiten\.$/);
    expect(await said('fr-CA')).toMatch(/^Bonjour P\d+, voici les nouvelles\.$/);
    expect(await said('pt')).toMatch(/^Hello P\d+, here is the news\.$/);
  });
});
