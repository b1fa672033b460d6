import type { ChannelName } from '../domain/delivery/channel';
import type { Channel } from './channel';
import { createNoopChannel } from './noop';
import { createSmtpChannel } from './smtp';

/** The channels of a process by name; schedules on channels that do not exist yet are refused by the API. */
export type Channels = ReadonlyMap<ChannelName, Channel>;

export function createChannels(config: { smtpUrl: string; mailFrom: string }): Channels {
  const channels = [createSmtpChannel({ url: config.smtpUrl, from: config.mailFrom }), createNoopChannel()];
  return new Map(channels.map((channel) => [channel.name, channel]));
}

export async function closeChannels(channels: Channels): Promise<void> {
  await Promise.all([...channels.values()].map((channel) => channel.close()));
}
