import { Client } from 'pg';
import { benchRun } from '../../test/bench-run';
import { stack } from '../../test/stack';
import { audience } from './audience';

async function databases(): Promise<string[]> {
  const client = new Client({ connectionString: stack().postgres });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database where datname like 'sundial\\_bench\\_%'`,
  );
  await client.end();
  return rows.map(({ datname }) => datname);
}

describe('the bench audience, on servers that the variables name', () => {
  it('reads every page by keyset and by offset, and drops its database', async () => {
    const before = await databases();
    const { postgres, redis, temporal } = stack();
    const environment = {
      ...process.env,
      DATABASE_URL: postgres,
      REDIS_URL: redis,
      TEMPORAL_ADDRESS: temporal,
    };
    const figures = await audience.run(benchRun({ size: 3_000, environment }));
    expect(Object.keys(figures)).toEqual([
      'p50Ms',
      'p99Ms',
      'cutMs',
      'baselineP50Ms',
      'baselineP99Ms',
      'ratio',
      'pages',
      'people',
    ]);
    for (const figure of Object.values(figures)) expect(figure).toBeGreaterThan(0);
    expect(figures['pages']).toBe(1);
    expect(await databases()).toEqual(before);
  });
});
