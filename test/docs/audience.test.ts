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
  return (await post('/v1/schedules/preview', { schedule })).body.audience;
}

async function putPeople(people: readonly { id: string }[]): Promise<string[]> {
  for (const { id, ...person } of people)
    await service.admin('PUT', `/v1/recipients/${id}`, { body: person });
  return people.map(({ id }) => id);
}

/** What every answer of the page is, and what the page says it is. */
async function run(examples: readonly Example[]): Promise<{ answered: unknown[]; said: unknown[] }> {
  const answered: unknown[] = [];
  const said: unknown[] = [];
  let ids: string[] = [];
  let query: object = {};
  let segment = '';
  for (const { role, line, value } of examples) {
    switch (role) {
      case 'people':
        ids = await putPeople(value);
        break;
      case 'segment':
        segment = (await post('/v1/segments', value)).body.id;
        break;
      case 'audience':
        query = JSON.parse(JSON.stringify(value).replaceAll('$segment', segment));
        break;
      case 'matches':
        answered.push({ line, answer: await matching(query, ids) });
        said.push({ line, answer: value });
        break;
      case 'preview':
        answered.push({ line, answer: await audienceOf(query) });
        said.push({ line, answer: value });
        break;
      default:
        throw new Error(`Line ${line} is a ${role}, which nothing runs.`);
    }
  }
  return { answered, said };
}

describe('docs/audience.md', () => {
  it('shows who matches', async () => {
    const { answered, said } = await run(examplesOf('audience.md'));
    expect(answered).toEqual(said);
    expect(said).toHaveLength(10);
  });
});
