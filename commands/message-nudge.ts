import { messageShard } from '../domain/messages/message-id';
import { queueName, queueOf } from '../domain/messages/queue';
import type { MessageQueue } from '../domain/messages/queue';
import { MINUTE, SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { TellMessages } from './tell-messages';

/** A message that was written: accepted, or changed. Null `waiting` is one that waits no more. */
export interface WrittenMessage {
  readonly uuid: string;
  readonly due: Date;
  readonly waiting: { readonly priority: number } | null;
}

/** Tells those who send messages that there are some. */
export interface MessageNudge {
  /** After the commit. Never throws, nor waits: what is not told is found by the steward of messages. */
  written(messages: readonly WrittenMessage[]): void;
  /** Tells nobody any more. */
  stop(): void;
}

interface MessageNudgeDeps {
  readonly tell: TellMessages;
  readonly clock: () => Instant;
}

/**
 * From one nudge of a queue to the next. Whoever was nudged goes on for longer than this after the last message that
 * they found (activities/messages/deliver.ts): what is written in between needs no signal of its own.
 */
export const NUDGE_PAUSE_MS = SECOND;

/** How long a queue is taken to wait for the instant that it was told of; what was cancelled may have it wait longer. */
const REMEMBERED_MS = MINUTE;

/** What one process knows of a queue. */
interface Line {
  /** The earliest instant that is still to be told. */
  wanted: Instant | null;
  told: { readonly dueAt: Instant; readonly at: Instant } | null;
  timer: NodeJS.Timeout | undefined;
  telling: boolean;
}

/**
 * Nudges a queue at once when nobody did lately, and otherwise after a pause, for all that was written in it. A message
 * that is later than the one that a queue was told of needs no nudge: it is found when that one is.
 */
export function createMessageNudge({ tell, clock }: MessageNudgeDeps): MessageNudge {
  const lines = new Map<string, Line>();
  let stopped = false;

  function lineOf(queue: MessageQueue): Line {
    const name = queueName(queue);
    const line = lines.get(name) ?? { wanted: null, told: null, timer: undefined, telling: false };
    lines.set(name, line);
    return line;
  }

  function isAwaited({ told }: Line, due: Instant): boolean {
    const now = clock();
    return told !== null && told.dueAt > now && told.dueAt <= due && now - told.at < REMEMBERED_MS;
  }

  function arrange(queue: MessageQueue, line: Line): void {
    if (stopped || line.wanted === null || line.telling || line.timer !== undefined) return;
    const pause = line.told === null ? 0 : line.told.at + NUDGE_PAUSE_MS - clock();
    if (pause <= 0) {
      void nudge(queue, line);
      return;
    }
    line.timer = setTimeout(() => {
      line.timer = undefined;
      void nudge(queue, line);
    }, pause);
    line.timer.unref();
  }

  async function nudge(queue: MessageQueue, line: Line): Promise<void> {
    const dueAt = line.wanted;
    if (dueAt === null) return;
    line.wanted = null;
    line.telling = true;
    // Whoever comes while Temporal is asked is not sure to be seen by it.
    const at = clock();
    const outcome = await tell(queue);
    line.told = { dueAt: outcome === 'told' ? dueAt : Number.NEGATIVE_INFINITY, at };
    line.telling = false;
    arrange(queue, line);
  }

  return {
    written(messages) {
      const touched = new Map<Line, MessageQueue>();
      for (const { uuid, due, waiting } of messages) {
        if (waiting === null) continue;
        const queue = queueOf(messageShard(uuid), waiting.priority);
        const line = lineOf(queue);
        if (isAwaited(line, due.getTime())) continue;
        line.wanted = Math.min(line.wanted ?? Number.POSITIVE_INFINITY, due.getTime());
        touched.set(line, queue);
      }
      for (const [line, queue] of touched) arrange(queue, line);
    },
    stop() {
      stopped = true;
      for (const { timer } of lines.values()) clearTimeout(timer);
    },
  };
}
