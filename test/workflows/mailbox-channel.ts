import type { Channel, OutgoingMessage } from '../../channels/channel';
import type { Instant } from '../../domain/time/instant';

export interface Mail {
  address: string;
  at: Instant;
}

/** A channel that accepts everything and remembers when. */
export interface MailboxChannel extends Channel {
  readonly mails: Mail[];
  /** Runs before each message is accepted. */
  onSend(message: OutgoingMessage): Promise<void> | void;
  /** Runs after it. */
  onSent(message: OutgoingMessage): Promise<void> | void;
}

export function mailboxChannel(now: () => Instant): MailboxChannel {
  const channel: MailboxChannel = {
    name: 'email',
    provider: 'mailbox',
    concurrency: 4,
    mails: [],
    onSend: () => undefined,
    onSent: () => undefined,
    send: async (message) => {
      await channel.onSend(message);
      channel.mails.push({ address: message.address, at: now() });
      await channel.onSent(message);
      return { kind: 'accepted' };
    },
    close: () => Promise.resolve(),
  };
  return channel;
}
