import { once } from 'node:events';
import { readHeaders } from '../../temporal-dev/inbox/mail';
import { createSmtpReceiver } from '../../temporal-dev/inbox/smtp';
import { urlOf } from '../mail-server';
import type { Campaign } from './campaign';

/** One mail that arrived. */
export interface Copy {
  readonly address: string;
  readonly messageId: string;
}

export interface GatedMailServer {
  readonly url: string;
  readonly copies: readonly Copy[];
  close(): Promise<void>;
}

/** A mail server that keeps a mail and then answers when it likes: the caller of a mail that it keeps cannot know. */
export async function startGatedMailServer(
  answer: (received: number) => Promise<void>,
): Promise<GatedMailServer> {
  const copies: Copy[] = [];
  const server = createSmtpReceiver(async (raw, { to }) => {
    copies.push({ address: to.join(), messageId: readHeaders(raw).messageId ?? '' });
    await answer(copies.length);
  });
  // A client that was killed is an error of its connection.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: urlOf(listening.address()),
    copies,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** Every mail of the inbox to addresses of a campaign. */
export async function inboxCopies(inbox: string | null, name: string): Promise<Copy[]> {
  const copies: Copy[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = new URLSearchParams({ q: `@${name}.`, limit: '500', ...(cursor !== '' && { cursor }) });
    const response = await fetch(`${inbox}/api/messages?${query.toString()}`);
    const page = (await response.json()) as {
      items: { to: string[]; messageId: string }[];
      nextCursor: string | null;
    };
    copies.push(...page.items.map(({ to, messageId }) => ({ address: to.join(), messageId })));
    cursor = page.nextCursor;
  }
  return copies;
}

/**
 * Holds mailboxes to the promise that nobody is left out, that a second copy carries the Message-ID of the first, and
 * that there are at most so many of them. Returns how many there were.
 */
export function expectMailboxes(
  copies: readonly Copy[],
  { addresses }: Campaign,
  mostSecondCopies: number,
): number {
  expect(new Set(copies.map(({ address }) => address))).toEqual(new Set(addresses));
  expect(new Set(copies.map(({ messageId }) => messageId)).size).toBe(addresses.length);
  const pairs = new Set(copies.map(({ address, messageId }) => `${address} ${messageId}`));
  expect(pairs.size).toBe(addresses.length);
  const secondCopies = copies.length - addresses.length;
  expect(secondCopies).toBeLessThanOrEqual(mostSecondCopies);
  return secondCopies;
}
