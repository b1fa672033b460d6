import type { ApiClient } from './api-client';
import { demoSchedule, provideTemplate } from './message';

/** Remembers what was asked; answers writes with what was written, and lists with what there is. */
function apiWith(templates: readonly object[]) {
  const asked: { method: string; route: string; body?: object; ifVersion?: number }[] = [];
  const api: ApiClient = {
    async ask({ answer, ...request }) {
      asked.push(request);
      const written = { id: 'tpl_new', version: 1, active: true, ...request.body };
      return answer.parse(request.method === 'GET' ? { items: templates, nextCursor: null } : written);
    },
  };
  return { api, asked };
}

async function writtenTemplate(): Promise<object> {
  const { api, asked } = apiWith([]);
  await provideTemplate(api);
  return asked.find(({ method }) => method === 'POST')?.body ?? {};
}

describe('the template of the demo', () => {
  it('is made when there is none of its name', async () => {
    const { api, asked } = apiWith([
      { id: 'tpl_1', name: 'Welcome', version: 1, active: true, contents: {} },
    ]);
    expect(await provideTemplate(api)).toBe('tpl_new');
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  it('is used again as it stands', async () => {
    const kept = { ...(await writtenTemplate()), id: 'tpl_kept', version: 2, active: true };
    const { api, asked } = apiWith([kept]);
    expect(await provideTemplate(api)).toBe('tpl_kept');
    expect(asked.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each([
    ['was edited', { contents: {} }],
    ['was made inactive', { active: false }],
  ])('is put right when it %s', async (_change, change) => {
    const kept = { ...(await writtenTemplate()), id: 'tpl_kept', version: 7, active: true, ...change };
    const { api, asked } = apiWith([kept]);
    expect(await provideTemplate(api)).toBe('tpl_kept');
    expect(asked.at(-1)).toMatchObject({ method: 'PUT', route: '/v1/templates/tpl_kept', ifVersion: 7 });
  });
});

it('asks for all the people of the demo, and nobody else, at one instant', () => {
  expect(demoSchedule('tpl_1', 'run-1', Date.parse('2026-11-20T12:00:00Z'))).toMatchObject({
    templateId: 'tpl_1',
    data: { run: 'run-1' },
    audienceQuery: { sundial_demo: true },
    timeZoneMode: 'fixed',
    runAt: '2026-11-20T12:00:00.000Z',
  });
});
