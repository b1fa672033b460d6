import { z } from 'zod';
import type { FieldError } from '../../domain/field-error';
import { expiryOf } from '../../domain/messages/due';
import type { MessageDue } from '../../domain/messages/due';
import { parseWallTime } from '../../domain/time/wall-time';
import type { MessageRecord, Waiting } from '../../store/messages/find';
import type { OwnWords } from '../../store/messages/sealing';
import type { Checked } from '../../domain/validation/check';
import type { Principal } from '../auth/principal';
import { mergePatch } from '../http/merge-patch';
import { readMessage, refusal } from './read';
import type { WantedMessage } from './read';
import { viewWith } from './view';

export type Patch = Record<string, unknown>;

const TIMES = ['sendAt', 'sendLocal', 'delay'] as const;

/** What a message is for, and to whom, stays: another one is another message. */
const FIXED = ['recipient', 'channel', 'category', 'dedupeKey'] as const;

/** A message as it is to be, and what of its time stays as it is. */
export interface PatchedMessage {
  readonly wanted: WantedMessage;
  /** Null when the patch says when. */
  readonly kept: MessageDue | null;
}

/** What a merge patch (RFC 7396) makes of a message. Null as a time leaves it as it is. */
export function patchedMessage(
  current: MessageRecord & { readonly waiting: Waiting },
  words: OwnWords,
  patch: Patch,
  principal: Principal,
): Checked<PatchedMessage> {
  const view = viewWith(current, words);
  const fixed = FIXED.flatMap((field) =>
    fixedErrors(field, field === 'dedupeKey' ? null : view[field], patch),
  );
  const { recipient, channel, templateId, content, data, category, priority } = view;
  const byDefault = current.waiting.expiresAt.getTime() === expiryOf(current.due.getTime(), null);
  const document = {
    recipient,
    channel,
    templateId,
    content,
    data,
    category,
    priority,
    ...(!byDefault && { expiresAt: view.expiresAt }),
  };
  const saysWhen = TIMES.some((field) => isNew(field, view, patch));
  const checked = readMessage(mergePatch(document, saysWhen ? patch : withoutTimes(patch)), principal);
  if (checked.kind === 'refused') return { kind: 'refused', errors: [...fixed, ...checked.errors] };
  if (fixed.length > 0) return { kind: 'refused', errors: fixed };
  return { kind: 'ok', value: { wanted: checked.value, kept: saysWhen ? null : dueOfRecord(current) } };
}

function isNew(field: (typeof TIMES)[number], view: { readonly sendLocal?: unknown }, patch: Patch): boolean {
  const given = patch[field] ?? null;
  return given !== null && !(field === 'sendLocal' && given === view.sendLocal);
}

function withoutTimes(patch: Patch): Patch {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !TIMES.some((field) => field === name)));
}

function fixedErrors(field: (typeof FIXED)[number], value: unknown, patch: Patch): readonly FieldError[] {
  if (!Object.hasOwn(patch, field) || patch[field] === value) return [];
  const refused = refusal(
    `/${field}`,
    'field.conflict',
    'cannot be changed: cancel the message and send another',
  );
  return refused.kind === 'refused' ? refused.errors : [];
}

function dueOfRecord({ due, waiting }: MessageRecord & { readonly waiting: Waiting }): MessageDue {
  const wall = waiting.wallTime === null ? null : parseWallTime(waiting.wallTime);
  return { at: due.getTime(), wall: wall?.kind === 'ok' ? wall.value : null };
}

/** What PATCH takes: the fields of a message, checked once they are merged. */
export const messagePatch = z
  .record(z.string(), z.unknown())
  .meta({ id: 'MessagePatch', description: 'A merge patch (RFC 7396) of the fields of a message.' });
