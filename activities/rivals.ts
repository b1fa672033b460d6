import { settleBatch } from './newcomers';
import { SUB_BATCH } from './pace';
import type { Page } from './page-state';

/**
 * Tries again for those whose address was on its way to somebody else, once everybody of this page has an answer: they
 * get the message if that came to nothing, and are duplicates otherwise. Who waits for another page is left without a
 * row: the next plan, after that page, finds them.
 */
export async function settleRivals(page: Page): Promise<void> {
  const { dispatch, recorder, stop } = page;
  while (page.rivals.length > 0 && !stop.aborted) {
    await dispatch.rest();
    await recorder.drain();
    const rivals = page.rivals;
    page.rivals = [];
    for (let from = 0; from < rivals.length; from += SUB_BATCH) {
      if (stop.aborted || !(await settleBatch(page, rivals.slice(from, from + SUB_BATCH)))) return;
    }
    if (page.rivals.length === rivals.length) return;
  }
}
