import type { ChannelName } from '../domain/delivery/channel';
import type { Faults } from '../domain/delivery/faults';
import type { WebhookEndpoint } from '../platform/config';
import type { Channel } from './channel';
import { createNoopChannel } from './noop';
import { createSmtpChannel } from './smtp';
import { createWebhookChannel } from './webhook';

/** The channels of a process by name; schedules on channels that do not exist yet are refused by the API. */
export type Channels = ReadonlyMap<ChannelName, Channel>;

/** What channels are made of; null for a channel that the installation has not configured. */
export interface ChannelSettings {
  readonly smtpUrl: string;
  readonly mailFrom: string;
  readonly webhook: WebhookEndpoint | null;
  readonly noopFaults: Faults | null;
}

/** @param guard what stands before each provider. */
export function createChannels(
  { smtpUrl, mailFrom, webhook, noopFaults }: ChannelSettings,
  guard: (provider: Channel) => Channel = (provider) => provider,
): Channels {
  const configured = [
    createSmtpChannel({ url: smtpUrl, from: mailFrom }),
    webhook && createWebhookChannel(webhook),
    createNoopChannel(noopFaults),
  ];
  const channels = configured.filter((channel) => channel !== null).map(guard);
  return new Map(channels.map((channel) => [channel.name, channel]));
}

export async function closeChannels(channels: Channels): Promise<void> {
  await Promise.all([...channels.values()].map((channel) => channel.close()));
}
