import { randomUUID } from 'node:crypto';
import { loadZones } from '../../platform/zones';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { eventually } from '../eventually';
import { openSundial } from './sundial';
import type { Sundial } from './sundial';

jest.setTimeout(120_000);

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

describe('a file of people', () => {
  it('is imported', async () => {
    const answer = await sundial.upload(
      '/v1/recipients/import',
      'text/csv',
      'id,email,timeZone,plan\nada,ada@example.com,Europe/Vienna,premium\nbob,nope,PST,\n',
    );
    expect(answer.status).toBe(202);
    const job = await eventually('over', async () => {
      const { body } = await sundial.call('GET', `/v1/jobs/${answer.body.id}`);
      return body.status === 'running' ? false : body;
    });
    console.log(job);
    console.log((await sundial.call('GET', '/v1/recipients')).body, await sundial.text(job.errorsUrl));
  });
});
