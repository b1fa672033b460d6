import { startService } from '../api/service';
import type { TestAnswer, TestService } from '../api/service';
import { examplesOf } from './fences';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const post = (path: string, body: unknown): Promise<TestAnswer> => service.admin('POST', path, { body });

/** Two of five people have no first name. */
async function warningsOfTheGuide(): Promise<unknown> {
  for (const [index, first_name] of ['Ada', 'Bob', 'Cy', null, undefined].entries()) {
    await service.admin('PUT', `/v1/recipients/p${index}`, { body: { attributes: { first_name } } });
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

describe('docs/templates.md', () => {
  it('shows what the API answers', async () => {
    let path = '';
    let answer: unknown;
    const examples = examplesOf('templates.md');
    for (const { role, line, value } of examples) {
      switch (role) {
        case 'template': {
          const { status, body } = await post('/v1/templates', value);
          expect([line, status]).toEqual([line, 201]);
          path = `/v1/templates/${body.id}`;
          break;
        }
        case 'render':
          answer = (await post(`${path}/render`, value)).body;
          break;
        case 'answer':
          expect({ line, answer }).toEqual({ line, answer: value });
          break;
        case 'warning':
          expect(await warningsOfTheGuide()).toEqual([value]);
          break;
        default:
          throw new Error(`Line ${line} is a ${role}, which nothing runs.`);
      }
    }
    expect(examples.length).toBeGreaterThan(10);
  });
});
