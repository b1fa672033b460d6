import { proxyActivities, sleep } from '@temporalio/workflow';
import type { ObviousActivities, Reminder } from './contract';

const { remind } = proxyActivities<ObviousActivities>({ startToCloseTimeout: '1 minute' });

/** The obvious build: one workflow a person sleeps until the instant and calls one activity a message. */
export async function reminder({ at, ...person }: Reminder): Promise<void> {
  await sleep(Math.max(at - Date.now(), 0));
  await remind(person);
}
