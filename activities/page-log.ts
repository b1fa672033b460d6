import type { Channel, SendResult } from '../channels/channel';
import type { RouteLeg } from './journey';
import type { OccurrenceRecord } from '../store/occurrences';
import type { Tally } from './contract';
import type { ActivityDeps } from './deps';
import type { PageInput } from './page-state';

/**
 * What a page tells the log of its calls to the provider, under the correlation id of the request that wrote the
 * version it delivers. One line a page; one a call at the level `debug`. People are named by rid.
 */
export interface PageLog {
  called(rid: string, provider: Channel, result: SendResult): void;
  /** @param counts outcomes so far, those of earlier attempts at the page included. */
  ended(how: 'done' | 'stopped' | 'failed', counts: Tally): void;
}

export function createPageLog(
  { logger, clock }: Pick<ActivityDeps, 'logger' | 'clock'>,
  { tenantId, scheduleId, occurrenceId, label }: PageInput,
  { correlationId, version }: Pick<OccurrenceRecord, 'correlationId' | 'version'>,
  { channel, providers }: RouteLeg,
): PageLog {
  const begun = clock();
  const about = { correlationId, tenant: tenantId, scheduleId, version, occurrenceId, channel };
  /** Those that were called; the first of the channel where nobody was. */
  const called = new Set<string>();
  const calls: Partial<Record<SendResult['kind'], number>> = {};
  return {
    called(rid, { name, provider }, result) {
      calls[result.kind] = (calls[result.kind] ?? 0) + 1;
      called.add(provider);
      // Thousands a second, of which hardly anybody wants to hear.
      if (!logger.isLevelEnabled('debug')) return;
      const reason = result.kind === 'rejected' ? result.reason : undefined;
      logger.debug(
        { ...about, channel: name, provider, rid, result: result.kind, reason },
        'the provider was called',
      );
    },
    ended(how, counts) {
      const provider = [...called].join() || providers[0]?.provider;
      logger.info(
        { ...about, provider, page: label, how, calls, outcomes: counts, milliseconds: clock() - begun },
        'a page was handed to the provider',
      );
    },
  };
}
