import type { Database } from '../../store/database';
import { openDatabase } from '../../store/database';
import { type OwnStack, raiseOwnStack } from '../../temporal-dev/house/own-stack';
import { createPorts } from '../../temporal-dev/setting/ports';
import type { CampaignName, Kill } from '../evidence/evidence';
import { type MailServer, startMailServer } from '../mail/mail-server';
import { isAmong } from '../mail/weather';
import type { Plan } from '../plan/plan';
import { createCrew, type Crew } from './crew';

/** Sundial as it runs in production, and everything that it needs, for one round. */
export interface World {
  readonly stack: OwnStack;
  readonly mail: MailServer;
  readonly crew: Crew;
  readonly db: Database;
  readonly kills: Kill[];
  /** The last fault of each server, which the next one waits for. */
  readonly turns: Map<string, Promise<void>>;
  /** The ids of the campaigns once they were asked for. */
  readonly schedules: Map<CampaignName, string>;
  readonly interrupted: AbortSignal;
  /** Says what happens, with the time. */
  readonly note: (line: string) => void;
}

/** Raises it, and leaves nothing behind, however `use` ends. @param parting sees the logs before they are deleted */
export async function withWorld<T>(
  plan: Plan,
  { note, interrupted }: Pick<World, 'note' | 'interrupted'>,
  use: (world: World) => Promise<T>,
  parting: (logs: string) => void,
): Promise<T> {
  const stack = await raiseOwnStack((part, what) => note(`${part}: ${what}`));
  try {
    const mail = await startMailServer({
      port: await createPorts().take(0),
      mailMs: plan.mailMs,
      refused: (address) => isAmong(plan.refusedShare, address, 'refused for good'),
    });
    const db = openDatabase(stack.addresses.postgres, { answersWithinMs: 20_000 });
    const crew = createCrew(stack, mail);
    const posts = [...crew.workers, crew.api];
    try {
      interrupted.throwIfAborted();
      await Promise.all(posts.map((post) => post.fill()));
      return await use({
        stack,
        mail,
        crew,
        db,
        kills: [],
        turns: new Map(),
        schedules: new Map(),
        note,
        interrupted,
      });
    } finally {
      await Promise.all(posts.map((post) => post.end('SIGTERM')));
      await db.close();
      await mail.close();
    }
  } finally {
    parting(stack.logs);
    await stack.end();
  }
}
