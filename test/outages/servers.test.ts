import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { eventually } from '../eventually';
import {
  expectAllSent,
  launchCampaign,
  postCampaign,
  seedAudience,
  untilSent,
  untilStatus,
} from './campaign';
import type { Campaign } from './campaign';
import { readinessOf } from './client';
import { ledgerOf } from './ledger';
import { expectMailboxes, inboxCopies } from './mailbox';
import type { Resident } from '../../temporal-dev/house/house';
import { raiseOwnStack } from '../../temporal-dev/house/own-stack';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';
import type { ServerName } from '../../temporal-dev/house/own-servers';

jest.setTimeout(300_000);

/** For how long a server is away, as `/readyz` sees it. */
const OUTAGE_MS = 20_000;

const SERVERS: readonly ServerName[] = ['Temporal', 'Postgres', 'Redis'];

/** Several pages, some of them not begun when the server goes. */
const PEOPLE = 6_000;

let stack: OwnStack;
let db: Database;
let api: OwnApi;
let worker: Resident;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  api = await stack.startApi();
  worker = await stack.startWorker();
});

afterAll(async () => {
  await db.close();
  await stack.end();
});

/** Takes a server away in the middle of a send, looks at the API for as long as it is away, and gives it back. */
async function outage(
  server: ServerName,
  part: string,
  campaign: Campaign,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const sent = await untilSent(db, campaign, 500);
  expect(sent).toBeLessThan(PEOPLE);
  await stack.takeAway(server);
  await eventually(`${part} is missed`, async () => (await readinessOf(api)).down.includes(part));
  const since = Date.now();
  await meanwhile();
  await eventually(
    `an outage of ${OUTAGE_MS / 1_000} s`,
    async () => {
      const [{ status, down }, alive] = await Promise.all([readinessOf(api), fetch(`${api.url}/healthz`)]);
      expect([status, down, alive.status]).toEqual([503, expect.arrayContaining([part]), 200]);
      return Date.now() - since >= OUTAGE_MS;
    },
    { withinMs: 3 * OUTAGE_MS, everyMs: 500 },
  );
  await stack.giveBack(server);
  await eventually('the API is ready again', async () => (await readinessOf(api)).status === 200);
}

/** The campaign ends as if nothing had been, in the processes that it began in. */
async function expectWhole(name: string, campaign: Campaign, mostSecondCopies: number): Promise<void> {
  await untilStatus(stack, api, campaign, 'completed');
  await expectAllSent(stack, db, api, campaign);
  expectMailboxes(await inboxCopies(stack.addresses.inbox, name), campaign, mostSecondCopies);
  expect([api.isAlive(), worker.isAlive()]).toEqual([true, true]);
}

describe('Postgres away in the middle of a send', () => {
  it('has writes refused at once, and nobody gets a second copy', async () => {
    const campaign = await launchCampaign(stack, db, api, 'postgres', PEOPLE);
    await outage('Postgres', 'postgres', campaign, async () => {
      const { status, mediaType, body } = await postCampaign(stack, api, 'postgres');
      expect([status, mediaType, body.status]).toEqual([503, 'application/problem+json', 503]);
    });
    await expectWhole('postgres', campaign, 0);
  });
});

describe.each([
  { server: 'Redis', part: 'redis' },
  { server: 'Temporal', part: 'temporal' },
] as const)('$server away in the middle of a send', ({ server, part }) => {
  it('has writes accepted and obeyed afterwards, and nobody gets a second copy', async () => {
    const campaign = await launchCampaign(stack, db, api, part, PEOPLE);
    const addresses = await seedAudience(stack, db, `${part}-write`, 3);
    let scheduleId = '';
    await outage(server, part, campaign, async () => {
      const { status, body } = await postCampaign(stack, api, `${part}-write`);
      expect(status).toBe(201);
      scheduleId = body.id;
    });
    await expectWhole(part, campaign, 0);
    await expectWhole(`${part}-write`, { scheduleId, addresses }, 0);
  });
});

describe('the mail server away in the middle of a send', () => {
  it('makes mails wait; only those that were on the wire may come twice', async () => {
    const campaign = await launchCampaign(stack, db, api, 'mail', PEOPLE);
    const addresses = await seedAudience(stack, db, 'mail-write', 3);
    let scheduleId = '';
    let inFlight = 0;
    await outage('Inbox', 'smtp', campaign, async () => {
      ({ claimed: inFlight = 0 } = await ledgerOf(db, campaign.scheduleId));
      const { status, body } = await postCampaign(stack, api, 'mail-write');
      expect(status).toBe(201);
      scheduleId = body.id;
    });
    await expectWhole('mail', campaign, inFlight);
    await expectWhole('mail-write', { scheduleId, addresses }, 0);
  });
});

describe('everything killed right after an answer', () => {
  it('leaves a schedule that was due at once and is sent once everything is there again', async () => {
    const addresses = await seedAudience(stack, db, 'everything', 20);
    const { status, body } = await postCampaign(stack, api, 'everything');
    for (const process of [api, worker]) process.signal('SIGKILL');
    await Promise.all(SERVERS.map((server) => stack.takeAway(server, 'SIGKILL')));
    expect(status).toBe(201);

    await Promise.all(SERVERS.map((server) => stack.giveBack(server)));
    [api, worker] = await Promise.all([stack.startApi(), stack.startWorker()]);
    await expectWhole('everything', { scheduleId: body.id, addresses }, 0);
  });
});
