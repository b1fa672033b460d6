import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { formatInstant, type Instant } from '../../domain/time/instant';
import type { ApiClient } from './api-client';
import { listAll } from './list-all';
import { MARK } from './people';

const TEMPLATE = {
  name: 'Sundial demo',
  category: 'transactional',
  defaultLocale: 'en',
  contents: {
    email: {
      variants: {
        en: {
          subject: 'Hello {{first_name}} in {{place}} [{{run}}]',
          body: 'Dear {{first_name}},\n\nthis mail left at one instant for a thousand people. Look at the clock on your wall in {{place}}: theirs show something else.\n',
        },
      },
    },
  },
  requiredVariables: ['first_name', 'place', 'run'],
};

const template = z.object({
  id: z.string(),
  name: z.string(),
  version: z.int(),
  contents: z.unknown(),
  active: z.boolean(),
});
/** The demo's template: kept from run to run, put right when it is not as the demo wants it. Answers its id. */
export async function provideTemplate(api: ApiClient): Promise<string> {
  const kept = await findTemplate(api);
  if (kept === null) {
    return (await api.ask({ method: 'POST', route: '/v1/templates', answer: template, body: TEMPLATE })).id;
  }
  if (!kept.active || !isDeepStrictEqual(kept.contents, TEMPLATE.contents)) {
    const { id, version } = kept;
    const route = `/v1/templates/${id}`;
    await api.ask({ method: 'PUT', route, answer: template, body: TEMPLATE, ifVersion: version });
  }
  return kept.id;
}

async function findTemplate(api: ApiClient): Promise<z.output<typeof template> | null> {
  for await (const found of listAll(api, '/v1/templates', template)) {
    if (found.name === TEMPLATE.name) return found;
  }
  return null;
}

/** What the demo asks for: all its people at one instant. `run` stands in each subject and tells the runs apart. */
export function demoSchedule(templateId: string, run: string, at: Instant): object {
  return {
    name: `Demo ${run}`,
    channel: 'email',
    templateId,
    data: { run },
    // Frequency caps would keep the fourth run of a day from everybody.
    category: 'transactional',
    tags: ['demo'],
    audienceQuery: { [MARK]: true },
    scheduleType: 'once',
    timeZoneMode: 'fixed',
    runAt: formatInstant(at),
  };
}
