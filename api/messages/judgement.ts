import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Instant } from '../../domain/time/instant';
import type { MessageDue } from '../../domain/messages/due';
import type { Zones } from '../../domain/time/zones';
import type { Checked } from '../../domain/validation/check';
import type { Queries } from '../../store/database';
import { addressees } from '../../store/messages/people';
import { createReadTemplates } from '../../store/messages/templates';
import type { Principal } from '../auth/principal';
import { judgeMessage, requiredVariablesOf } from './judge';
import type { JudgedMessage } from './judge';
import type { WantedMessage } from './read';

/** A message that somebody sends, or as somebody changes it. */
export interface Submission {
  readonly principal: Pick<Principal, 'tenantId' | 'tenantZone'>;
  readonly wanted: WantedMessage;
  /** Its time as it was accepted earlier; null when `wanted` says it. */
  readonly kept: MessageDue | null;
}

/** Judges messages of whichever tenants by what is known this moment; a verdict for each in their order. */
export type JudgeAll = (
  db: Queries,
  submissions: readonly Submission[],
  now: Instant,
) => Promise<Checked<JudgedMessage>[]>;

export function createJudgement(zones: Zones): JudgeAll {
  const readTemplates = createReadTemplates();
  return async (db, submissions, now) => {
    const templateIds = new Set(submissions.flatMap(({ wanted }) => wanted.templateId ?? []));
    const templates = await readTemplates(db, [...templateIds]);
    const templateOf = ({ principal, wanted }: Submission) => {
      const found = wanted.templateId === null ? undefined : templates.get(wanted.templateId);
      return found?.tenantId === principal.tenantId ? found : undefined;
    };
    const readers = submissions.flatMap((submission, index) =>
      requiredVariablesOf(submission.wanted, templateOf(submission)).length > 0 ? [index] : [],
    );
    const people = await addressees(
      db,
      submissions.map(({ principal, wanted }) => ({
        tenantId: principal.tenantId,
        recipient: wanted.recipient,
      })),
      new Set(readers),
    );
    return inTurns(submissions, (submission, index) =>
      judgeMessage(submission.wanted, {
        zones,
        tenantZone: submission.principal.tenantZone,
        person: people[index] ?? null,
        template: templateOf(submission),
        kept: submission.kept,
        now,
      }),
    );
  };
}

/** So many are worked on before others get their turn. */
const IN_ONE_TURN = 500;

/** As `Promise.all`, stretch by stretch, so that others are answered in between. */
export async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R> | R,
): Promise<Awaited<R>[]> {
  const results: Awaited<R>[] = [];
  for (let from = 0; from < items.length; from += IN_ONE_TURN) {
    if (from > 0) await nextTurn();
    const turn = items.slice(from, from + IN_ONE_TURN);
    results.push(...(await Promise.all(turn.map((item, index) => work(item, from + index)))));
  }
  return results;
}
