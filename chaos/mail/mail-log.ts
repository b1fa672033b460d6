import type { Instant } from '../../domain/time/instant';

/** A mail that the server kept: it is in the recipient's inbox, whatever the sender knows. */
export interface KeptMail {
  readonly at: Instant;
  /** The life of a worker that sent it: the name by which it said hello. */
  readonly worker: string;
  readonly address: string;
  readonly subject: string;
  readonly messageId: string;
  /** Withheld: nothing shows that the sender was told that it is kept. */
  readonly answer: 'given' | 'withheld';
}

/** A recipient that the server refused. */
export interface Refusal {
  readonly address: string;
  readonly code: 450 | 550;
}

/** What a mail server saw, as it happened. */
export interface MailLog {
  readonly mails: readonly KeptMail[];
  readonly refusals: readonly Refusal[];
}
