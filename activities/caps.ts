import { ApplicationFailure } from '@temporalio/common';
import { DEFAULT_CAP_RULE, isCounted } from '../domain/caps/rule';
import type { CapRule } from '../domain/caps/rule';
import { capSpansOf } from '../domain/caps/spans';
import type { CapSpans } from '../domain/caps/spans';
import { SECOND } from '../domain/time/instant';
import { describeError } from '../platform/logger';
import type { Wanted } from '../store/caps/places';
import type { CountedBy, LedgerEntry } from '../store/ledger';
import type { OccurrenceRecord } from '../store/occurrences';
import type { ActivityDeps } from './deps';
import type { Verdict } from './gate';

/** Somebody who is to get a message. */
export type Awaiting = Pick<LedgerEntry, 'rid' | 'zone' | 'due'>;

export type Admission =
  | {
      readonly kind: 'judged';
      /** By rid: those beyond a cap. Everybody else has a place. */
      readonly capped: ReadonlyMap<string, Verdict>;
      /** What to claim them by; null where nobody counts. */
      readonly countedBy: CountedBy | null;
    }
  /** The page was called off while it waited. */
  | { readonly kind: 'called-off' };

/** Lets people of one page pass by how many messages they have had (semantics.md "Caps"). */
export interface Caps {
  /** Has a count at hand before the first page needs it: a tenant's first one takes a while. */
  warmUp(): void;
  /** Takes a place for each who passes. @throws ApplicationFailure when the caps stay unknown: nothing leaves. */
  admit(people: readonly Awaiting[]): Promise<Admission>;
  /** For messages that were certainly never accepted. */
  giveBack(rids: readonly string[]): Promise<void>;
  /** What people were admitted by does not hold any more. */
  replaced(): void;
}

/** A page waits for Redis some twelve seconds, then gives its slot to others and comes back. */
const WAITS_MS = [100, 200, 400, 800, 1_600, 3_000, 3_000, 3_000];

const PASSES_ALL: Caps = {
  warmUp: () => undefined,
  admit: () => Promise.resolve({ kind: 'judged', capped: new Map(), countedBy: null }),
  giveBack: () => Promise.resolve(),
  replaced: () => undefined,
};

/** @param calledOff aborted when nothing more of the page is to be sent. */
export function createCaps(
  deps: Pick<ActivityDeps, 'places' | 'zones' | 'sleep' | 'logger'>,
  tenantId: number,
  { config, occurrenceId, step }: OccurrenceRecord,
  calledOff: AbortSignal,
): Caps {
  if (!isCounted(config.category)) return PASSES_ALL;
  const { places, zones, sleep, logger } = deps;
  const rule = config.caps ?? DEFAULT_CAP_RULE;
  const id = { occurrenceId, step };
  const spansBy = new Map<string, CapSpans>();

  function wantedOf({ rid, zone, due }: Awaiting): Wanted {
    const key = `${zone} ${due}`;
    const spans = spansBy.get(key) ?? capSpansOf(rule.window, zones, zone, due);
    spansBy.set(key, spans);
    return { rid, due, spans };
  }

  async function admit(awaiting: readonly Awaiting[]): Promise<Admission> {
    const people = awaiting.map(wantedOf);
    for (let waits = 0; ; waits += 1) {
      const taken = await places.take(tenantId, { id, window: rule.window, limits: rule, people });
      if (taken.kind === 'taken') {
        const { epoch, refused } = taken;
        const capped = new Map(
          [...refused].map(([rid, reason]) => [rid, { state: 'capped', reason }] as const),
        );
        return { kind: 'judged', capped, countedBy: { tenantId, epoch } };
      }
      if (taken.kind === 'away') {
        const cause = { occurrenceId, ...describeError(taken.error) };
        if (goesOutUncounted(rule)) {
          logger.warn(cause, 'Redis is away: people are sent to uncounted');
          const epoch = await places.goUncounted(tenantId);
          return { kind: 'judged', capped: new Map(), countedBy: { tenantId, epoch } };
        }
        if (waits === 0) logger.warn(cause, 'Redis is away: a page waits for its caps');
      }
      const waitMs = WAITS_MS[waits];
      if (waitMs === undefined) throw unavailable();
      await sleep(waitMs, calledOff);
      if (calledOff.aborted) return { kind: 'called-off' };
    }
  }

  return {
    warmUp() {
      const nobody = { id, window: rule.window, limits: rule, people: [] };
      // What fails now is told to whoever asks for somebody.
      places.take(tenantId, nobody).catch(() => undefined);
    },
    admit,
    giveBack: (rids) => places.giveBack(tenantId, id, rids),
    replaced: () => places.outdated(tenantId),
  };
}

/** A message without a cap of its own does not wait for a Redis that is away; it is made up for when Redis is back. */
function goesOutUncounted({ perDay, perWeek, onUnavailable }: CapRule): boolean {
  switch (onUnavailable) {
    case 'allow':
      return true;
    case 'wait':
      return perDay === null && perWeek === null;
  }
}

function unavailable(): ApplicationFailure {
  const seconds = WAITS_MS.reduce((sum, ms) => sum + ms, 0) / SECOND;
  return ApplicationFailure.retryable(
    `Nobody could say for ${Math.round(seconds)} s how many messages people have had.`,
    'CapsUnavailable',
  );
}
