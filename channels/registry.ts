import type { ChannelName } from '../domain/delivery/channel';
import type { Faults } from '../domain/delivery/faults';
import type { WebhookEndpoint } from '../platform/config';
import type { Channel } from './channel';
import { createNoopChannel } from './noop';
import { createSmtpChannel } from './smtp';
import { createWebhookChannel } from './webhook';

/**
 * The providers of each channel of a process, in the order in which they are asked. Schedules on channels that nobody
 * carries are refused by the API.
 */
export type Channels = ReadonlyMap<ChannelName, readonly Channel[]>;

/** What channels are made of; null for a channel that the installation has not configured. */
export interface ChannelSettings {
  readonly smtpUrl: string;
  /** Mail servers that are asked when those before cannot be reached. */
  readonly smtpFallbackUrls: readonly string[];
  readonly mailFrom: string;
  readonly webhook: WebhookEndpoint | null;
  readonly noopFaults: Faults | null;
}

/** @param guard what stands before each provider. */
export function createChannels(
  { smtpUrl, smtpFallbackUrls, mailFrom, webhook, noopFaults }: ChannelSettings,
  guard: (provider: Channel) => Channel = (provider) => provider,
): Channels {
  const mailServers = [smtpUrl, ...smtpFallbackUrls].map((url, index) =>
    createSmtpChannel({ url, from: mailFrom, provider: labelOf('smtp', index) }),
  );
  const configured = [
    ...mailServers,
    webhook && createWebhookChannel(webhook),
    createNoopChannel(noopFaults),
  ];
  return byChannel(configured.filter((provider) => provider !== null).map(guard));
}

/** Providers under the names of their channels, in the order that they have. */
export function byChannel(providers: readonly Channel[]): Channels {
  const channels = new Map<ChannelName, Channel[]>();
  for (const provider of providers) {
    channels.set(provider.name, [...(channels.get(provider.name) ?? []), provider]);
  }
  return channels;
}

export async function closeChannels(channels: Channels): Promise<void> {
  await Promise.all([...channels.values()].flat().map((provider) => provider.close()));
}

/** `smtp`, `smtp-2`, `smtp-3`. */
function labelOf(kind: string, index: number): string {
  return index === 0 ? kind : `${kind}-${index + 1}`;
}
