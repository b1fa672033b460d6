import { decodeWords } from 'postal-mime';

/** What the inbox knows of a mail without parsing its body. */
export interface Mail {
  /** Rises by one with every mail and is never used again, not even after the inbox was emptied. */
  readonly id: number;
  readonly receivedAt: number;
  /** The envelope's sender and recipients: who really got it, whatever the headers say. */
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Null for a mail that carries none. */
  readonly messageId: string | null;
  /** Where the raw source lies in the log, in bytes. */
  readonly offset: number;
  readonly size: number;
}

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** The two header fields of a list, read without touching the body: thousands of mails a second come in. */
export function readHeaders(raw: Buffer): Pick<Mail, 'subject' | 'messageId'> {
  const end = raw.indexOf('\r\n\r\n');
  const head = raw.toString('utf8', 0, end === -1 ? raw.length : end);
  return {
    subject: decodeWords(field(head, 'subject') ?? ''),
    messageId: field(head, 'message-id') ?? null,
  };
}

/** One header field, unfolded (RFC 5322, 2.2.3). */
function field(head: string, name: string): string | undefined {
  const found = new RegExp(`^${name}:[ \\t]*(.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(head);
  return found?.[1]?.replaceAll(/\r\n(?=[ \t])/g, '').trim();
}

export interface MailFilter {
  /** Exact address of an envelope recipient, in any case. */
  readonly to?: string;
  /** Part of the subject, the sender or a recipient, in any case. */
  readonly q?: string;
}

export function matches(mail: Mail, filter: MailFilter): boolean {
  const to = filter.to?.toLowerCase();
  if (to !== undefined && !mail.to.some((address) => address.toLowerCase() === to)) return false;
  const q = filter.q?.toLowerCase();
  return (
    q === undefined || [mail.subject, mail.from, ...mail.to].some((text) => text.toLowerCase().includes(q))
  );
}
