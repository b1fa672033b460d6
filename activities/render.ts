import { hash } from 'node:crypto';
import type { OutgoingMessage } from '../channels/channel';
import { renderMessage } from '../domain/content/message';
import type { InlineContent } from '../domain/content/content';
import type { ScheduleConfig } from '../domain/schedule/config';
import { UnknownKeyError } from '../platform/crypto';
import type { KeyRing } from '../platform/crypto';
import type { PersonRow } from '../store/audience';
import { addressFieldOf } from './gate';
import type { Verdict } from './gate';

export type Composed =
  | { readonly kind: 'message'; readonly message: OutgoingMessage; readonly locale: string }
  | { readonly kind: 'refused'; readonly verdict: Verdict }
  /** The ring lacks the key that wrapped the person's: it can be put back, so nobody fails for it. */
  | { readonly kind: 'unreadable'; readonly error: UnknownKeyError };

/** Renders a person's message and opens their address, in memory only. */
export function compose(
  keyRing: KeyRing,
  config: Pick<ScheduleConfig, 'channel' | 'data'>,
  content: InlineContent,
  person: PersonRow,
  id: string,
): Composed {
  const rendered = renderMessage(content, config.channel, config.data, person);
  if (rendered.kind === 'failed') return refused({ state: 'failed', reason: rendered.reason });
  const address = openAddress(keyRing, config, person);
  if (address.kind !== 'address') return address;
  const { locale, ...fields } = rendered.message;
  return { kind: 'message', message: { id, address: address.text, ...fields }, locale };
}

function openAddress(
  keyRing: KeyRing,
  { channel }: Pick<ScheduleConfig, 'channel'>,
  person: PersonRow,
): { kind: 'address'; text: string } | Exclude<Composed, { kind: 'message' }> {
  const field = addressFieldOf(channel);
  if (field === null) return { kind: 'address', text: '' };
  const sealed = person[field];
  if (sealed === null) return refused({ state: 'no-address', reason: null });
  // Erasure destroys the key first: what it sealed is nobody's address any more.
  if (person.wrapped === null) return refused({ state: 'erased', reason: 'key-destroyed' });
  try {
    const key = keyRing.openPersonKey(BigInt(person.rid), person.wrapped);
    return { kind: 'address', text: keyRing.open(key, sealed, field) };
  } catch (error) {
    if (error instanceof UnknownKeyError) return { kind: 'unreadable', error };
    // One person's unreadable address holds up nobody else; the row says that it was the key.
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
