import { CHANNEL_NAMES, PROVIDERS } from '../../domain/delivery/channel';
import { partlyBuilt } from '../../domain/validation/fields';

const BUILT: readonly string[] = CHANNEL_NAMES.filter((name) => PROVIDERS[name] !== null);

/** A channel that somebody carries. */
export const channelSchema = partlyBuilt(
  CHANNEL_NAMES as ['email', ...typeof CHANNEL_NAMES],
  BUILT,
  'channel',
);
