import type { Keys } from '../setting/keys';
import type { Setting } from '../setting/setting';
import { inboxPart } from './inbox';
import { postgresPart } from './postgres';
import { redisPart } from './redis';
import type { ServerPart } from './server-part';
import { temporalPart } from './temporal';
import { EVERY_WORKER_PART } from './worker-processes';

export function serverParts(setting: Setting, keys: Pick<Keys, 'postgresPassword'>): readonly ServerPart[] {
  return [
    postgresPart(setting, keys.postgresPassword),
    redisPart(setting),
    temporalPart(setting),
    inboxPart(setting),
  ];
}

/** Who uses others stops before those do. */
export const STOP_ORDER: readonly string[] = [
  'API',
  ...EVERY_WORKER_PART,
  'Codec',
  'Inbox',
  'Temporal',
  'Redis',
  'Postgres',
];
