import { DEFAULT_CAP_RULE, isCounted } from '../../domain/caps/rule';
import { capSpansOf } from '../../domain/caps/spans';
import type { Verdict } from '../../domain/delivery/verdict';
import { SECOND } from '../../domain/time/instant';
import { describeError } from '../../platform/logger';
import type { Taken } from '../../store/caps/places';
import type { CountedBy } from '../../store/ledger';
import type { ReadyMessage } from '../../store/messages/pick';
import type { ActivityDeps } from '../deps';
import { placeOf } from './outcomes';

export type MessageAdmission =
  | {
      readonly kind: 'judged';
      /** By message: those beyond a cap. Every other one has a place. */
      readonly capped: ReadonlyMap<string, Verdict>;
      /** What to claim them by; null where nobody counts. */
      readonly countedBy: CountedBy | null;
    }
  /** Nobody can say how many messages people have had: to be asked again after so long. */
  | { readonly kind: 'put-off'; readonly forMs: number };

/** While a count is made anew, and while Redis is away. Nothing else waits for these messages. */
const COUNTING_MS = 0.3 * SECOND;
const AWAY_MS = 2 * SECOND;

const PASS_ALL: MessageAdmission = { kind: 'judged', capped: new Map(), countedBy: null };

/** Takes a place under the caps for each of a tenant's messages, all of which count, or none of which. */
export async function admitMessages(
  deps: Pick<ActivityDeps, 'places' | 'zones' | 'logger'>,
  tenantId: number,
  messages: readonly ReadyMessage[],
): Promise<MessageAdmission> {
  const { logger } = deps;
  if (!messages.some(({ category }) => isCounted(category))) return PASS_ALL;
  const answers = await takeAll(deps, tenantId, messages);
  const capped = new Map<string, Verdict>();
  const epochs = new Set<string>();
  for (const { message, answer } of answers) {
    if (answer.kind === 'away') {
      logger.warn(
        { tenant: tenantId, ...describeError(answer.error) },
        'Redis is away: messages wait for their caps',
      );
      return { kind: 'put-off', forMs: AWAY_MS };
    }
    if (answer.kind === 'counting') return { kind: 'put-off', forMs: COUNTING_MS };
    epochs.add(answer.epoch);
    const reason = answer.refused.get(message.rid);
    if (reason !== undefined) capped.set(message.id, { state: 'capped', reason });
  }
  const [epoch, another] = epochs;
  // Counted anew while they were asked for: what was judged by the count before does not hold.
  if (epoch === undefined || another !== undefined) return { kind: 'put-off', forMs: COUNTING_MS };
  return { kind: 'judged', capped, countedBy: { tenantId, epoch } };
}

/** Each has a place of its own. Somebody may get several of them: they are asked for in the order of the pick. */
async function takeAll(
  { places, zones }: Pick<ActivityDeps, 'places' | 'zones'>,
  tenantId: number,
  messages: readonly ReadyMessage[],
): Promise<{ message: ReadyMessage; answer: Taken }[]> {
  const { window } = DEFAULT_CAP_RULE;
  const take = async (message: ReadyMessage) => {
    const { rid, due, zone } = message;
    const person = { rid, due, spans: capSpansOf(window, zones, zone, due) };
    const request = { id: placeOf(message), window, limits: DEFAULT_CAP_RULE, people: [person] };
    return { message, answer: await places.take(tenantId, request) };
  };
  const lines = new Map<string, Promise<{ message: ReadyMessage; answer: Taken }>>();
  return Promise.all(
    messages.map((message) => {
      const before = lines.get(message.rid);
      const answer = before === undefined ? take(message) : before.then(() => take(message));
      lines.set(message.rid, answer);
      return answer;
    }),
  );
}
