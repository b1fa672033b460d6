import { stack } from '../stack';

export interface InboxMail {
  id: string;
  to: string[];
  subject: string;
  messageId: string;
  receivedAt: string;
}

/** Everything that the real inbox received for addresses of the domain, oldest first. */
export async function mailsTo(domain: string): Promise<InboxMail[]> {
  const response = await fetch(`${stack().inbox}/api/messages?limit=500&q=${encodeURIComponent(domain)}`);
  const { items } = (await response.json()) as { items: InboxMail[] };
  return items.toReversed();
}

/** As `mailsTo`, however many there are. */
export async function allMailsTo(domain: string): Promise<InboxMail[]> {
  const mails: InboxMail[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = new URLSearchParams({ limit: '500', q: domain, cursor }).toString();
    const response = await fetch(`${stack().inbox}/api/messages?${query}`);
    const page = (await response.json()) as { items: InboxMail[]; nextCursor: string | null };
    mails.push(...page.items);
    cursor = page.nextCursor;
  }
  return mails.toReversed();
}

/** The parsed text of one mail. */
export async function textOf(mail: InboxMail): Promise<string> {
  const response = await fetch(`${stack().inbox}/api/messages/${mail.id}`);
  return ((await response.json()) as { text: string }).text;
}
