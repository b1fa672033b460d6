import type { ChannelName } from '../domain/delivery/channel';
import type { Party } from '../domain/delivery/fair-line';
import type { DeliveryReason } from '../domain/delivery/state';

/** A rendered message for one address. Held in memory only, between render and provider. */
export interface OutgoingMessage {
  /** Stable over retries of the same delivery: providers and mailboxes recognise a second copy by it. */
  id: string;
  address: string;
  subject?: string;
  title?: string;
  body: string;
  html?: string;
}

/** On whose behalf a message goes out and how pressing it is, for what stands between sender and provider. */
export type SendContext = Party;

export type SendResult =
  /** The provider took responsibility for the message. */
  | { kind: 'accepted' }
  /** The message will never be accepted as it is; nothing is retried. */
  | { kind: 'rejected'; reason: Extract<DeliveryReason, 'rejected-address' | 'rejected-message'> }
  /** Certainly not accepted, and worth another try. */
  | { kind: 'transient' }
  /** Certainly not accepted, because the provider is asked too often just now; says nothing about the message. */
  | { kind: 'rate-limited'; retryAfterMs?: number }
  /** Nothing was asked, because the provider has been failing: says nothing about the message. */
  | { kind: 'unavailable'; retryAfterMs: number }
  /** Nothing was asked yet, because it is not this message's turn under the provider's rate: says nothing about it. */
  | { kind: 'paced'; retryAfterMs: number }
  /** The request left and no answer came: it may have been accepted. */
  | { kind: 'unknown' };

/**
 * One way out of the house: one provider of a channel. A provider never throws for a message: what went wrong is a `SendResult`.
 * Every provider passes the conformance suite in `channels/conformance.ts`.
 */
export interface Channel {
  readonly name: ChannelName;
  /** Label of metrics and attempts, e.g. `smtp`; no two providers of a channel share it. */
  readonly provider: string;
  /** How many messages may be on their way at once. */
  readonly concurrency: number;
  /** Told some seconds before many messages come: opens connections, so that the first need not wait for them. */
  warmUp?(): void;
  /** For how many milliseconds nothing would be asked, because it has been failing; absent where nobody watches. */
  barredMs?(): number;
  send(message: OutgoingMessage, context: SendContext): Promise<SendResult>;
  close(): Promise<void>;
}
