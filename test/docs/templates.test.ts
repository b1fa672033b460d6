import { startService } from '../api/service';
import type { TestAnswer, TestService } from '../api/service';
import { examplesOf } from './fences';
import type { Example } from './fences';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const post = (path: string, body: unknown): Promise<TestAnswer> => service.admin('POST', path, { body });

/** Two of five people have no first name. */
async function warningsOfTheGuide(): Promise<unknown> {
  for (const [index, first_name] of ['Ada', 'Bob', 'Cy', null, undefined].entries()) {
    await service.admin('PUT', `/v1/recipients/p${index}`, {
      body: { email: `p${index}@example.com`, attributes: { first_name } },
    });
  }
  const draft = await post('/v1/schedules', {
    name: 'Welcome',
    channel: 'email',
    content: { body: 'Hello {{first_name}}', requiredVariables: ['first_name'] },
    runAt: '2026-12-01T09:00:00',
    draft: true,
  });
  return (await post(`/v1/schedules/${draft.body.id}/publish`, undefined)).body.warnings;
}

/** What every answer of the page is, and what the page says it is. */
async function run(examples: readonly Example[]): Promise<{ answered: unknown[]; said: unknown[] }> {
  const answered: unknown[] = [];
  const said: unknown[] = [];
  let path = '';
  let rendered: unknown;
  for (const { role, line, value } of examples) {
    switch (role) {
      case 'template':
        path = `/v1/templates/${(await post('/v1/templates', value)).body.id}`;
        break;
      case 'render':
        rendered = (await post(`${path}/render`, value)).body;
        break;
      case 'answer':
        answered.push({ line, answer: rendered });
        said.push({ line, answer: value });
        break;
      case 'warning':
        answered.push({ line, answer: await warningsOfTheGuide() });
        said.push({ line, answer: [value] });
        break;
      default:
        throw new Error(`Line ${line} is a ${role}, which nothing runs.`);
    }
  }
  return { answered, said };
}

describe('docs/templates.md', () => {
  it('shows what the API answers', async () => {
    const { answered, said } = await run(examplesOf('templates.md'));
    expect(answered).toEqual(said);
    expect(said).toHaveLength(5);
  });
});
