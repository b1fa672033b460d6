import { SECOND } from '../domain/time/instant';
import { standingOfOccurrence } from '../store/occurrences';
import type { OccurrenceRecord, OccurrenceStanding } from '../store/occurrences';
import type { Page } from './page-state';

/** A pause reaches every page within a second (semantics.md "Delivery"): this often it looks, and it needs the rest. */
const LOOK_EVERY_MS = 0.5 * SECOND;

/** What a page is to do as its schedule stands: send, record everybody as cancelled, or leave them to the next plan. */
export type Standing = 'go' | 'cancelled' | 'halt';

/** How an occurrence stands for a page that began with certain versions of it. */
export function standingFor(
  begun: Pick<OccurrenceRecord, 'version' | 'templateVersion'>,
  now: OccurrenceStanding | null,
): Standing {
  if (now?.state !== 'open') return 'halt';
  if (now.scheduleStatus === 'cancelled') return 'cancelled';
  const sends = now.scheduleStatus === 'scheduled' || now.scheduleStatus === 'running';
  const same = now.version === begun.version && now.templateVersion === begun.templateVersion;
  return sends && same ? 'go' : 'halt';
}

/** Notes that nothing more of this page is to be sent; whoever is not on the wire yet stays unsent. */
export function obey(page: Page, standing: Standing): void {
  if (standing === 'cancelled' && !page.cancelled.signal.aborted) {
    page.terms = { ...page.terms, cancelled: true };
    page.cancelled.abort();
  }
  if (standing === 'halt') page.halted.abort();
}

/**
 * Looks again and again, while a page holds and while it sends, at what Postgres wants of it. A poll rather than a
 * cancellation by the engine, which would come with a heartbeat and those are throttled to seconds. Returns what
 * ends the looking.
 */
export function watchStanding(page: Page): () => void {
  const { deps, input, occurrence } = page;
  let asking = false;
  const look = async (): Promise<void> => {
    const now = await standingOfOccurrence(deps.db, input.tenantId, input.occurrenceId);
    obey(page, standingFor(occurrence.record, now));
  };
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    // Without Postgres nothing is claimed and nothing recorded: the page finds that out by itself.
    look()
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
