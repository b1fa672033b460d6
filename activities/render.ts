import { hash } from 'node:crypto';
import type { OutgoingMessage } from '../channels/channel';
import { renderMessage } from '../domain/content/message';
import type { InlineContent } from '../domain/content/content';
import type { ChannelName } from '../domain/delivery/channel';
import type { UnknownKeyError } from '../platform/crypto';
import type { PersonRow } from '../store/audience';
import type { Address } from './addresses';
import type { Verdict } from './gate';

export type Composed =
  | { readonly kind: 'message'; readonly message: OutgoingMessage; readonly locale: string }
  | { readonly kind: 'refused'; readonly verdict: Verdict }
  /** The ring lacks the key that wrapped the person's: it can be put back, so nobody fails for it. */
  | { readonly kind: 'unreadable'; readonly error: UnknownKeyError };

/** Renders a person's message for their address, in memory only. */
export function compose(
  channel: ChannelName,
  data: Readonly<Record<string, unknown>>,
  content: InlineContent,
  person: PersonRow,
  to: Address,
  id: string,
): Composed {
  const rendered = renderMessage(content, channel, data, person);
  if (rendered.kind === 'failed') return refused({ state: 'failed', reason: rendered.reason });
  const address = addressText(to);
  if (address.kind !== 'address') return address;
  const { locale, ...fields } = rendered.message;
  return { kind: 'message', message: { id, address: address.text, ...fields }, locale };
}

function addressText(
  address: Address,
): { kind: 'address'; text: string } | Exclude<Composed, { kind: 'message' }> {
  switch (address.kind) {
    case 'address':
    case 'unreadable':
      return address;
    case 'own-id':
      return { kind: 'address', text: address.text };
    case 'none':
      return { kind: 'address', text: '' };
    case 'missing':
      return refused({ state: 'no-address', reason: null });
    case 'erased':
      return refused({ state: 'erased', reason: 'key-destroyed' });
    case 'damaged':
      return refused({ state: 'failed', reason: 'key-unavailable' });
  }
}

function refused(verdict: Verdict): { kind: 'refused'; verdict: Verdict } {
  return { kind: 'refused', verdict };
}

/**
 * The id of a person's message: the same for every attempt, so that mailboxes and providers recognise a second
 * copy, and without a trace of how many others there are.
 */
export function messageIdOf(scheduleId: string, nominal: string, step: string, rid: string): string {
  return hash('sha256', [scheduleId, nominal, step, rid].join('\n')).slice(0, 32);
}
