import type { ChannelName } from '../domain/delivery/channel';
import { channelOfCode, PROVIDERS } from '../domain/delivery/channel';
import { STATE_CODES } from '../domain/delivery/state';
import type { Queries } from './database';

/** Sums over all tenants, for metrics that have to survive restarts. */
export interface Totals {
  /** Schedules that something is still to come of. */
  readonly activeSchedules: number;
  /** How often people came to each; who failed and was sent to again came to both. */
  readonly outcomes: readonly {
    readonly channel: ChannelName;
    /** The first of the channel has everything that is not known to be another's. */
    readonly provider: string;
    readonly sent: number;
    readonly failed: number;
  }[];
}

export async function readTotals(db: Queries): Promise<Totals> {
  // The first is served by the partial index schedule_next_run; the totals are a few rows a tenant.
  const [active, outcomes, others] = await Promise.all([
    db.pool.query<{ count: number }>(
      `select count(*)::int as count from schedule where status in ('scheduled', 'running')`,
    ),
    db.pool.query<{ channel: number; sent: string; failed: string }>(
      `select channel,
              coalesce(sum(count + taken_back) filter (where state = $1), 0) as sent,
              coalesce(sum(count + taken_back) filter (where state = $2), 0) as failed
         from outcome_total
        where state in ($1, $2)
        group by channel`,
      [STATE_CODES.sent, STATE_CODES.failed],
    ),
    db.pool.query<{ channel: number; provider: string; sent: string; failed: string }>(
      `select channel, provider,
              coalesce(sum(count) filter (where state = $1), 0) as sent,
              coalesce(sum(count) filter (where state = $2), 0) as failed
         from provider_total
        group by channel, provider
        order by channel, provider`,
      [STATE_CODES.sent, STATE_CODES.failed],
    ),
  ]);
  return {
    activeSchedules: active.rows[0]?.count ?? 0,
    outcomes: outcomes.rows
      // Code 0 stands for people who never came to a channel.
      .filter(({ channel }) => channel !== 0)
      .flatMap(({ channel, sent, failed }) => {
        const name = channelOfCode(channel);
        const theirs = others.rows
          .filter((one) => one.channel === channel)
          .map((one) => ({ ...one, channel: name, sent: Number(one.sent), failed: Number(one.failed) }));
        const first = {
          channel: name,
          provider: PROVIDERS[name] ?? 'none',
          sent: Number(sent) - theirs.reduce((sum, one) => sum + one.sent, 0),
          failed: Number(failed) - theirs.reduce((sum, one) => sum + one.failed, 0),
        };
        return [first, ...theirs];
      }),
  };
}
