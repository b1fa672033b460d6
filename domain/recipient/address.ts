import type { ChannelName } from '../delivery/channel';

/** Channels that write to an address of the person's own. */
export const ADDRESSED_CHANNELS = ['email', 'sms'] as const satisfies ChannelName[];

export type AddressedChannel = (typeof ADDRESSED_CHANNELS)[number];

/** Where a channel's address stands in a person's profile; null when it needs none of the person. */
export function addressFieldOf(channel: ChannelName): 'email' | 'phone' | null {
  switch (channel) {
    case 'email':
      return 'email';
    case 'sms':
      return 'phone';
    case 'push':
    case 'inapp':
    case 'webhook':
    case 'noop':
      return null;
  }
}

/** Whether whoever takes a channel's messages knows people by the customer's own id, which is then their address. */
export function namesPeopleByOwnId(channel: ChannelName): boolean {
  return channel === 'webhook';
}

/**
 * One spelling for all that reach the same mailbox or telephone. RFC 5321 section 2.4 lets a server tell `Ada` from
 * `ada` before the @ and advises it not to: who asked for nothing more is not written to for a capital letter. Numbers
 * have one spelling already, E.164.
 */
export function canonicalAddress(address: string): string {
  return address.normalize('NFC').toLowerCase();
}
