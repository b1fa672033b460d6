import { type Evidence, type Kill, type MessageKey, messageKey } from '../evidence/evidence';
import type { KeptMail } from '../mail/mail-log';
import type { Invariant } from './invariant';
import { sentOf } from './outcomes';

export const inboxHoldsAllSent: Invariant = {
  sentence: 'The inbox holds every message that is recorded as sent.',
  violations(evidence) {
    const copies = copiesOf(evidence);
    return [...sentOf(evidence)].filter((key) => !copies.has(key)).map((key) => `${key} is not there`);
  },
};

export const inboxHoldsNothingElse: Invariant = {
  sentence: 'Nobody has a message that is not recorded as sent, unless its answer was lost.',
  violations(evidence) {
    const sent = sentOf(evidence);
    return [...copiesOf(evidence)]
      .filter(([key]) => !sent.has(key))
      .flatMap(([key, copies]) => copies.filter((copy) => !mayBeRepeated(key, copy, evidence.kills)))
      .map(words);
  },
};

export const oneMessageId: Invariant = {
  sentence: 'Every copy of a message carries its Message-ID, and no other message does.',
  violations(evidence) {
    const copies = copiesOf(evidence);
    const owners = new Map<string, MessageKey>();
    return [...copies].flatMap(([key, [first, ...others]]) => {
      const id = first?.messageId ?? '';
      const owner = owners.get(id);
      owners.set(id, key);
      return [
        ...(id === '' ? [`${key} has no Message-ID`] : []),
        ...(owner === undefined ? [] : [`${key} has the Message-ID of ${owner}`]),
        ...others.filter(({ messageId }) => messageId !== id).map(words),
      ];
    });
  },
};

export const secondCopiesExplained: Invariant = {
  sentence:
    'A second copy exists only where the one before it was left unanswered, or was in flight when its worker was killed.',
  violations({ kills, ...evidence }) {
    return [...copiesOf(evidence)].flatMap(([key, copies]) =>
      copies
        .slice(0, -1)
        .filter((copy) => !mayBeRepeated(key, copy, kills))
        .map((copy) => `${words(copy)}, and ${copies.length - 1 - copies.indexOf(copy)} more after it`),
    );
  },
};

/** How many second copies there are, and how many there may be at most. */
export function secondCopies(evidence: Evidence): { readonly found: number; readonly most: number } {
  const copies = copiesOf(evidence);
  const repeatable = [...copies].flatMap(([key, own]) =>
    own.filter((copy) => mayBeRepeated(key, copy, evidence.kills)),
  );
  return { found: evidence.mail.mails.length - copies.size, most: repeatable.length };
}

/** Whether nobody could know of that copy: its sender was never told, or was killed before it had recorded it. */
function mayBeRepeated(key: MessageKey, { at, worker, answer }: KeptMail, kills: readonly Kill[]): boolean {
  if (answer === 'withheld') return true;
  return kills.some((kill) => kill.worker === worker && kill.at >= at && kill.inFlight.has(key));
}

/** The mails of each message, as they came. */
function copiesOf({ mail }: Pick<Evidence, 'mail'>): Map<MessageKey, KeptMail[]> {
  const copies = new Map<MessageKey, KeptMail[]>();
  for (const one of mail.mails) {
    const key = messageKey(one.subject, one.address);
    copies.set(key, [...(copies.get(key) ?? []), one]);
  }
  return copies;
}

function words({ subject, address, at, worker, answer, messageId }: KeptMail): string {
  const when = new Date(at).toISOString();
  return `${messageKey(subject, address)} from ${worker} at ${when}, answer ${answer}, ${messageId}`;
}
