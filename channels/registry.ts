import type { ChannelName } from '../domain/delivery/channel';
import type { Channel } from './channel';
import { createNoopChannel } from './noop';
import { createSmtpChannel } from './smtp';

/**
 * The providers of each channel of a process, in the order in which they are asked. Schedules on channels that nobody
 * carries are refused by the API.
 */
export type Channels = ReadonlyMap<ChannelName, readonly Channel[]>;

/** What the providers need to be told. */
export interface ProviderSettings {
  readonly smtpUrl: string;
  /** Mail servers that are asked when those before cannot be reached. */
  readonly smtpFallbackUrls: readonly string[];
  readonly mailFrom: string;
}

export function createChannels({ smtpUrl, smtpFallbackUrls, mailFrom }: ProviderSettings): Channels {
  const mailServers = [smtpUrl, ...smtpFallbackUrls].map((url, index) =>
    createSmtpChannel({ url, from: mailFrom, provider: labelOf('smtp', index) }),
  );
  return byChannel([...mailServers, createNoopChannel()]);
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
