import { z } from 'zod';

const count = z.object({ distinctMessageIds: z.int() });

/** How many different mails the inbox has really received of a run: two copies of one mail count once. */
export async function countInInbox(inbox: string, run: string): Promise<number> {
  const response = await fetch(`${inbox}/api/count?${new URLSearchParams({ q: run })}`);
  return count.parse(await response.json()).distinctMessageIds;
}
