import type { Keys } from '../setting/keys';
import type { Setting } from '../setting/setting';
import { inboxPart } from './inbox';
import { postgresPart } from './postgres';
import { redisPart } from './redis';
import type { ServerPart } from './server-part';
import { temporalPart } from './temporal';

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
  'Worker',
  'Codec',
  'Inbox',
  'Temporal',
  'Redis',
  'Postgres',
];
