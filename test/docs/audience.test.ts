import { startService } from '../api/service';
import type { TestAnswer, TestService } from '../api/service';
import { examplesOf } from './fences';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const post = (path: string, body: unknown): Promise<TestAnswer> => service.admin('POST', path, { body });

/** Who of the people matches, found by asking for each of them alone. */
async function matching(query: object, ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const id of ids) {
    const audience = await audienceOf({ all: [query, { recipients: [id] }] });
    if (audience.total === 1) found.push(id);
  }
  return found;
}

async function audienceOf(audienceQuery: object): Promise<{ total: number }> {
  const schedule = { runAt: '2026-12-01T09:00:00', audienceQuery };
  const { status, body } = await post('/v1/schedules/preview', { schedule });
  expect([status, audienceQuery]).toEqual([200, audienceQuery]);
  return body.audience;
}

describe('docs/audience.md', () => {
  it('shows who matches', async () => {
    let ids: string[] = [];
    let query: object = {};
    let segment = '';
    const examples = examplesOf('audience.md');
    for (const { role, line, value } of examples) {
      switch (role) {
        case 'people':
          ids = value.map(({ id }: { id: string }) => id);
          for (const { id, ...person } of value) {
            expect((await service.admin('PUT', `/v1/recipients/${id}`, { body: person })).status).toBe(201);
          }
          break;
        case 'segment':
          segment = (await post('/v1/segments', value)).body.id;
          break;
        case 'audience':
          query = JSON.parse(JSON.stringify(value).replaceAll('$segment', segment));
          break;
        case 'matches':
          expect({ line, matches: await matching(query, ids) }).toEqual({ line, matches: value });
          break;
        case 'preview':
          expect({ line, audience: await audienceOf(query) }).toEqual({ line, audience: value });
          break;
        default:
          throw new Error(`Line ${line} is a ${role}, which nothing runs.`);
      }
    }
    expect(examples.length).toBeGreaterThan(15);
  });
});
