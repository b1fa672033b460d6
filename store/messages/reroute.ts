import { storedProvider } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import type { Queries } from '../database';
import { AMONG, HELD_BY_OWNER, idColumns } from './claim';
import { messageStepColumns, noteMessageSteps } from './steps';
import type { StepsOfMessage } from './steps';

/** A claimed message that goes to another provider of its channel, with what came of it before. */
export interface ReroutedMessage extends StepsOfMessage {
  readonly channel: ChannelName;
  readonly provider: string;
}

/** Writes down who carries messages from here on, with the steps before. Returns those that are still the owner's. */
export async function rerouteMessages(
  db: Queries,
  messages: readonly ReroutedMessage[],
  ownerId: string,
): Promise<string[]> {
  const steps = messageStepColumns(messages);
  const { rows } = await db.pool.query<{ id: string }>(
    `with held as (${HELD_BY_OWNER}
     )${steps === null ? '' : `, noted as (${noteMessageSteps('held', 5)})`}
     update pending_message m
        set provider = r.provider
       from held
       join unnest($2::uuid[], $4::text[]) as r (id, provider) on r.id = held.id
      where ${AMONG} and m.shard = held.shard and m.id = held.id
     returning m.id`,
    [
      ...idColumns(messages.map(({ id }) => id)),
      ownerId,
      messages.map(({ channel, provider }) => storedProvider(channel, provider)),
      ...(steps ?? []),
    ],
  );
  return rows.map(({ id }) => id);
}
