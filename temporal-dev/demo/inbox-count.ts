import { z } from 'zod';
import { DemoStopped } from './stopped';

const count = z.object({ distinctMessageIds: z.int() });

/**
 * How many different mails the inbox has really received of a run: two copies of one mail count once.
 * @throws DemoStopped when the inbox does not answer.
 */
export async function countInInbox(inbox: string, run: string): Promise<number> {
  const query = new URLSearchParams({ q: run });
  try {
    const response = await fetch(`${inbox}/api/count?${query.toString()}`);
    return count.parse(await response.json()).distinctMessageIds;
  } catch (error) {
    throw new DemoStopped(`The inbox at ${inbox} does not say how many mails it has.`, { cause: error });
  }
}
