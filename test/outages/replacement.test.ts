import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { eventually } from '../eventually';
import { call, readinessOf } from './client';
import { startLoadBalancer } from './load-balancer';
import type { LoadBalancer } from './load-balancer';
import { raiseOwnStack } from '../../temporal-dev/house/own-stack';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';

jest.setTimeout(240_000);

/** Callers that ask one thing after the other, without a pause. */
const CALLERS = 6;

const REPLACEMENTS = 3;

/** Many times what the load balancer takes to notice. */
const DRAIN_SECONDS = 3;

let stack: OwnStack;
let db: Database;
let balancer: LoadBalancer;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  balancer = await startLoadBalancer();
});

afterAll(async () => {
  await balancer.close();
  await db.close();
  await stack.end();
});

async function startInstance(): Promise<OwnApi> {
  const api = await stack.startApi({ SUNDIAL_SHUTDOWN_DRAIN_SECONDS: String(DRAIN_SECONDS) });
  balancer.add(api);
  await eventually('the load balancer uses it', () => balancer.uses(api));
  return api;
}

/** Writes and reads until it is told to stop. Returns the statuses of the answers, by how often they came. */
async function keepAsking(caller: number, stop: AbortSignal): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  for (let n = 0; !stop.aborted; n += 1) {
    for (const [method, path, body] of [
      ['PUT', `/v1/recipients/caller-${caller}-${n}`, { attributes: { caller } }],
      ['GET', `/v1/recipients/caller-${caller}-${n}`, undefined],
    ] as const) {
      const { status } = await call(stack, balancer, method, path, body);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  return statuses;
}

it('an API is replaced under load without a failed request or a broken connection', async () => {
  let current = await startInstance();
  const enough = new AbortController();
  const callers = Array.from({ length: CALLERS }, (_, caller) => keepAsking(caller, enough.signal));

  for (let replaced = 0; replaced < REPLACEMENTS; replaced += 1) {
    const next = await startInstance();
    await eventually('the next one has work', () => balancer.answeredBy(next) > 0);
    current.signal('SIGTERM');
    await eventually(
      'the old one says that it leaves',
      async () => (await readinessOf(current)).status === 503,
    );
    const served = await fetch(`${current.url}/healthz`);
    expect([served.status, served.headers.get('connection')]).toEqual([200, 'close']);
    expect(await current.ended).toBe('code 0');
    expect(balancer.uses(current)).toBe(false);
    current = next;
  }

  enough.abort();
  const statuses = await Promise.all(callers);
  const sum = (status: number): number => statuses.reduce((all, one) => all + (one.get(status) ?? 0), 0);
  expect(new Set(statuses.flatMap((one) => [...one.keys()]))).toEqual(new Set([200, 201]));
  expect(balancer.broken()).toBe(0);
  const written = await db.pool.query(`select 1 from recipient where external_id like 'caller-%'`);
  expect([written.rowCount, sum(200)]).toEqual([sum(201), sum(201)]);
});
