import { CHANNEL_NAMES, PROVIDERS } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import type { FieldError } from '../../domain/field-error';
import { partlyBuilt } from '../../domain/validation/fields';
import type { Config } from '../../platform/config';

const BUILT: readonly string[] = CHANNEL_NAMES.filter((name) => PROVIDERS[name] !== null);

/** A channel that somebody carries, though not in every installation. */
export const channelSchema = partlyBuilt(
  CHANNEL_NAMES as ['email', ...typeof CHANNEL_NAMES],
  BUILT,
  'channel',
);

/** What has to be configured for a channel that not every installation has. */
export type ChannelConfig = Pick<Config, 'webhook'>;

/** Refuses a channel that this installation cannot carry anything over. */
export function refuseUnconfigured(
  { webhook }: ChannelConfig,
  channel: ChannelName,
  pointer: string,
): readonly FieldError[] {
  if (channel !== 'webhook' || webhook !== null) return [];
  const message =
    'channel: webhook has no endpoint here: SUNDIAL_WEBHOOK_URL and SUNDIAL_WEBHOOK_SECRETS are not set';
  return [{ pointer, code: 'channel.not-configured', message }];
}
