import { isCounted } from '../../domain/caps/rule';
import { SECOND } from '../../domain/time/instant';
import type { InlineContent } from '../../domain/content/content';
import type { Verdict } from '../../domain/delivery/verdict';
import { UnknownKeyError } from '../../platform/crypto';
import { addressKeyOf } from '../../store/address-keys';
import { readPeople } from '../../store/audience';
import type { PersonRow } from '../../store/audience';
import { claimMessages, putOffMessages } from '../../store/messages/claim';
import type { ReadyMessage } from '../../store/messages/pick';
import { openWords } from '../../store/messages/sealing';
import type { OwnWords } from '../../store/messages/sealing';
import { readMessageTrails } from '../../store/messages/steps';
import { readSealedWords } from '../../store/messages/words';
import type { TemplateText } from '../../store/messages/words';
import { createAddresses } from '../addresses';
import type { Addresses } from '../addresses';
import { suppressionsOf } from '../suppressed';
import { admitMessages } from './admission';
import { byTenant } from './by-tenant';
import type { Delivery } from './delivery';
import { ERASED, judgeMessage, unlessMayBeSent } from './judge';
import type { Candidate } from './judge';

/** What is read once for all of a batch. */
interface Texts {
  readonly templates: ReadonlyMap<string, TemplateText>;
  readonly sealed: ReadonlyMap<string, Uint8Array>;
}

/** A message that nothing stands in the way of, so far. */
interface Sendable extends Candidate {
  readonly content: InlineContent;
  readonly data: OwnWords['data'];
  readonly addresses: Addresses;
}

/** After so long somebody looks again at a message whose person's key, or whose channel, this worker does not have. */
const UNABLE_MS = 60 * SECOND;

/**
 * Takes messages that were picked in hand: refuses them, puts them off, or claims them and puts them on the way, each
 * tenant's apart from the others'. Returns of how many the state has changed.
 */
export async function takeInHand(delivery: Delivery, ready: readonly ReadyMessage[]): Promise<number> {
  const { deps } = delivery;
  const templateIds = new Set(ready.flatMap(({ templateId }) => templateId ?? []));
  const [templates, sealed] = await Promise.all([
    deps.readTexts(deps.db, [...templateIds]),
    readSealedWords(
      deps.db,
      ready.filter((one) => one.sealed).map(({ id }) => id),
    ),
  ]);
  // What fails for one tenant is told when the others' messages are in hand: nobody claims any more by then.
  const taken = await Promise.allSettled(
    byTenant(ready, ({ tenantId }) => tenantId).map(([tenantId, messages]) =>
      takeOfTenant(delivery, tenantId, messages, { templates, sealed }),
    ),
  );
  let sum = 0;
  for (const one of taken) {
    if (one.status === 'rejected') throw one.reason;
    sum += one.value;
  }
  return sum;
}

async function takeOfTenant(
  delivery: Delivery,
  tenantId: number,
  messages: readonly ReadyMessage[],
  texts: Texts,
): Promise<number> {
  const { deps, outcomes } = delivery;
  // Whoever waits long for their claim is looked at once more, just before their message leaves.
  const seenAt = deps.clock();
  const people = await readPeople(deps.db, tenantId, [...new Set(messages.map(({ rid }) => rid))]);
  const known = new Map(people.map((person) => [person.rid, person]));
  const addresses = createAddresses(deps.keyRing, await addressKeyOf(deps.db, deps.keyRing, tenantId), null);
  const suppressions = await suppressionsByMessage(delivery, tenantId, messages, known, addresses);

  const refused: { message: ReadyMessage; verdict: Verdict }[] = [];
  const unreadable: ReadyMessage[] = [];
  const uncarried: ReadyMessage[] = [];
  const sendable: Sendable[] = [];
  for (const message of messages) {
    const person = known.get(message.rid);
    if (!person) {
      refused.push({ message, verdict: ERASED });
      continue;
    }
    const words = wordsOf(delivery, message, person, texts);
    if (words === 'unreadable') {
      unreadable.push(message);
      continue;
    }
    const suppression = suppressions.get(message.id) ?? null;
    const { content, data } = words;
    const verdict = judgeMessage({ message, person, suppression, content }, deps.clock());
    if (verdict !== null) refused.push({ message, verdict });
    else if (delivery.providersOf(message.channel).length === 0) uncarried.push(message);
    else if (content !== null) sendable.push({ message, person, suppression, content, data, addresses });
  }
  if (refused.length > 0) await outcomes.refuse(refused);
  if (uncarried.length > 0) delivery.log.uncarried(uncarried);
  const later = [...unreadable, ...uncarried];
  if (later.length > 0) await putOff(delivery, later, UNABLE_MS);
  // What does not count goes first: it waits for nobody who counts.
  let handled = refused.length + later.length;
  for (const alike of [sendable.filter((one) => !counts(one)), sendable.filter(counts)]) {
    if (alike.length > 0) handled += await claimAndSend(delivery, tenantId, alike, seenAt);
  }
  return handled;
}

function counts({ message }: Sendable): boolean {
  return isCounted(message.category);
}

async function suppressionsByMessage(
  { deps }: Delivery,
  tenantId: number,
  messages: readonly ReadyMessage[],
  known: ReadonlyMap<string, PersonRow>,
  addresses: Addresses,
) {
  const channels = new Set(messages.map(({ channel }) => channel));
  const found = await Promise.all(
    [...channels].map(async (channel) => {
      const those = messages.filter((one) => one.channel === channel);
      const people = those.flatMap(({ rid }) => known.get(rid) ?? []);
      const reasons = await suppressionsOf(deps.db, tenantId, channel, addresses, people);
      return those.flatMap(({ id, rid }) => {
        const reason = reasons.get(rid);
        return reason === undefined ? [] : [[id, reason] as const];
      });
    }),
  );
  return new Map(found.flat());
}

/** Its own content, or that of its template as it stands now, and its data. */
function wordsOf(
  { deps }: Delivery,
  { id, tenantId, templateId }: ReadyMessage,
  person: PersonRow,
  { templates, sealed }: Texts,
): OwnWords | 'unreadable' {
  try {
    const own = openWords(deps.keyRing, person, id, sealed.get(id) ?? null);
    const template = templateId === null ? undefined : templates.get(templateId);
    const content = template?.tenantId === tenantId ? template.content : null;
    return { data: own.data, content: own.content ?? content };
  } catch (error) {
    if (error instanceof UnknownKeyError) return 'unreadable';
    // This one person's words cannot be opened by their own key: it cannot be made, which holds up nobody else.
    return { data: {}, content: null };
  }
}

/** Claims those whom the caps let pass, and puts them on the way. Of how many messages that has changed the state. */
async function claimAndSend(
  delivery: Delivery,
  tenantId: number,
  sendable: readonly Sendable[],
  seenAt: number,
): Promise<number> {
  const { deps, outcomes, leases } = delivery;
  const messages = sendable.map(({ message }) => message);
  const admission = await admitMessages(deps, tenantId, messages);
  if (admission.kind === 'put-off') {
    await putOff(delivery, messages, admission.forMs);
    return messages.length;
  }
  const { capped, countedBy } = admission;
  const beyond = messages.flatMap((message) => {
    const verdict = capped.get(message.id);
    return verdict === undefined ? [] : [{ message, verdict: unlessMayBeSent(message, verdict) }];
  });
  const admitted = sendable.filter(({ message }) => !capped.has(message.id));
  if (admitted.length > 0) {
    const owner = leases.owner();
    const { ids, count } = await claimMessages(
      deps.db,
      admitted.map(({ message }) => message),
      owner,
      deps.clock(),
      countedBy,
    );
    if (count === 'replaced') {
      // They are picked again, and take their places in the count that holds by then.
      deps.places.outdated(tenantId);
      return 0;
    }
    const claimed = admitted.filter(({ message }) => ids.has(message.id));
    for (const { message } of claimed) leases.hold(message.id, owner.leaseUntil);
    await send(delivery, claimed, seenAt);
  }
  if (beyond.length > 0) await outcomes.refuse(beyond);
  return messages.length;
}

async function send(delivery: Delivery, claimed: readonly Sendable[], seenAt: number): Promise<void> {
  const { deps, dispatch } = delivery;
  const begun = claimed
    .map(({ message }) => message)
    .filter(({ attempts, reason }) => attempts > 0 || reason !== null);
  const trails = await readMessageTrails(deps.db, begun);
  for (const { message, ...made } of claimed) {
    const { id, tenantId, channel, provider, attempts, reason } = message;
    dispatch.send({
      ...made,
      message,
      key: id,
      context: { tenantId, priority: message.priority },
      route: [{ channel, providers: delivery.providersOf(channel) }],
      onUnknown: 'resend',
      begun: { channel, provider, attempts, reason, trail: trails.get(id) ?? [] },
      passedOver: [],
      expiresAt: message.expiresAt,
      seenAt,
    });
  }
}

function putOff({ deps }: Delivery, messages: readonly ReadyMessage[], forMs: number): Promise<void> {
  const now = deps.clock();
  return putOffMessages(deps.db, messages, now, now + forMs);
}
