import { HOUR, formatInstant } from '../../domain/time/instant';
import type { Database } from '../../store/database';
import { eventually } from '../eventually';
import { expectAllSent, launchCampaign, untilSent, untilStatus } from '../outages/campaign';
import type { Campaign } from '../outages/campaign';
import { call } from '../outages/client';
import { ledgerOf } from '../outages/ledger';
import { expectMailboxes } from '../outages/mailbox';
import type { GatedMailServer } from '../outages/mailbox';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';

export interface World {
  readonly stack: OwnStack;
  readonly db: Database;
  readonly api: OwnApi;
}

/** Schedules in each of the states in which a loss can meet them. */
export interface Story {
  /** In the middle of a send. */
  readonly sending: Campaign;
  /** Its instant is to come. */
  readonly sleeping: Campaign;
  readonly paused: Campaign;
  readonly cancelled: Campaign;
  /** Its occurrence is open for zones ahead of those of its people. */
  readonly waiting: Campaign;
}

const FEW = 20;

/** Long enough that a loss right after the beginning comes first. */
const TO_COME = 'PT30S';

/** Resolves when the send is under way. */
export async function begin(world: World, name: string, people: number): Promise<Story> {
  const { stack, db, api } = world;
  const launch = (what: string, count: number, fields: Record<string, unknown>): Promise<Campaign> =>
    launchCampaign(stack, db, api, `${name}-${what}`, count, fields);
  const waiting = await launch('waiting', FEW, { delay: null, runAt: localTimeIn(2) });
  await untilStatus(stack, api, waiting, 'running');
  const cancelled = await launch('cancelled', FEW, { delay: TO_COME });
  await command(world, cancelled, 'cancel');
  const paused = await launch('paused', FEW, { delay: TO_COME });
  await command(world, paused, 'pause');
  const sleeping = await launch('sleeping', FEW, { delay: TO_COME });
  const sending = await launch('sending', people, { delay: 'PT1S' });
  await untilSent(db, sending, 300);
  return { sending, sleeping, paused, cancelled, waiting };
}

/** A wall time that comes to people of UTC in so many hours, and to people far in the east has come already. */
export function localTimeIn(hours: number): string {
  return formatInstant(Date.now() + hours * HOUR).slice(0, 'YYYY-MM-DDTHH:mm:ss'.length);
}

/** Commands are accepted whatever has become of Temporal. */
export function cancelWhoWaits(world: World, { waiting }: Story): Promise<void> {
  return command(world, waiting, 'cancel');
}

export async function command({ stack, api }: World, { scheduleId }: Campaign, name: string): Promise<void> {
  const { status } = await call(stack, api, 'POST', `/v1/schedules/${scheduleId}/${name}`);
  expect(status).toBe(202);
}

/** Sees all of it to its end: whoever was to get a message got one, and nobody else did. */
export async function expectOneCopyEach(world: World, story: Story, mail: GatedMailServer): Promise<void> {
  const { stack, db, api } = world;
  const { sending, sleeping, paused, cancelled, waiting } = story;
  await command(world, paused, 'resume');
  for (const campaign of [sending, sleeping, paused]) {
    await untilStatus(stack, api, campaign, 'completed');
    await expectAllSent(stack, db, api, campaign);
    expectMailboxes(copiesFor(mail, campaign), campaign, 0);
  }
  await untilStatus(stack, api, cancelled, 'cancelled');
  expect(await ledgerOf(db, cancelled.scheduleId)).toEqual({});
  await eventually(
    'whoever waited is recorded as cancelled',
    async () => (await ledgerOf(db, waiting.scheduleId))['cancelled'] === FEW,
    { withinMs: 60_000 },
  );
  for (const campaign of [cancelled, waiting]) expect(copiesFor(mail, campaign)).toEqual([]);
}

export function copiesFor(mail: GatedMailServer, { addresses }: Campaign): GatedMailServer['copies'] {
  const theirs = new Set(addresses);
  return mail.copies.filter(({ address }) => theirs.has(address));
}
