import type { CapRule } from '../caps/rule';
import type { AudienceCondition } from '../audience/condition';
import type { InlineContent } from '../content/content';
import type { ChannelName } from '../delivery/channel';
import type { OnUnknown } from '../delivery/doubt';
import type { Priority } from '../delivery/priority';
import type { LateRule } from '../late/late';
import type { GapPolicy, OverlapPolicy } from '../time/zones';

/**
 * The canonical configuration of a schedule: what `schedule_version.config` holds and what workflows obey.
 * A field of contract.md that is missing here has one accepted value so far, its default.
 */
export interface ScheduleConfig {
  name: string;
  channel: ChannelName;
  /** Who may stand in for it, in this order. Versions from before this field have none. */
  fallbackChannels?: ChannelName[];
  /** Exactly one of `templateId` and `content` is set. */
  templateId: string | null;
  content: InlineContent | null;
  /** Variables of every message of this schedule; they win over a person's attributes of the same name. */
  data: Record<string, unknown>;
  category: string;
  tags: string[];
  audience: AudienceCondition;
  /** The query as the client wrote it, echoed by GET, people by rid; null where only `audience` can be shown. */
  audienceQuery: unknown;
  timing: OnceTiming;
  late: LateRule;
  /** How long after its due instant a message may still go out, in milliseconds. */
  expiresAfterMs: number;
  expiresAfter: string;
  /** Versions from before this field have none: `resend`. */
  onUnknown?: OnUnknown;
  /** Versions from before this field have none: 3. */
  priority?: Priority;
  /** Versions from before this field have none: the default rule. */
  caps?: CapRule;
  draft: boolean;
}

/** When a once schedule fires. */
export type OnceTiming =
  /** One wall time, each person's own zone: `runAt` is `YYYY-MM-DDTHH:mm:ss`. */
  | { kind: 'once-local'; runAt: string; gap: GapPolicy; overlap: OverlapPolicy; timeZone: string | null }
  /** One instant for all: `runAt` as written with its offset, or a wall time read in `timeZone`, or creation + `delay`. */
  | {
      kind: 'once-fixed';
      at: string;
      runAt: string | null;
      delay: string | null;
      timeZone: string | null;
      gap: GapPolicy;
      overlap: OverlapPolicy;
    };
