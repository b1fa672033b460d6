import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';

/** What Temporal's Web UI shows of a workflow, read as the Web UI reads it. */
export interface Shown {
  readonly searchAttributes: Readonly<Record<string, unknown>>;
  /** Of each activity and timer of its history, in order. */
  readonly summaries: readonly string[];
  /** Of the activities that are running. */
  readonly heartbeats: readonly unknown[];
  /** What it says of itself just now, in Markdown. */
  readonly details: string;
}

export async function shownOf(workflow: WorkflowHandle): Promise<Shown> {
  const metadata: unknown = await workflow.query('__temporal_workflow_metadata');
  const { searchAttributes, raw } = await workflow.describe();
  const { events } = await workflow.fetchHistory();
  return {
    searchAttributes,
    summaries: (events ?? [])
      .filter((event) => event.activityTaskScheduledEventAttributes ?? event.timerStartedEventAttributes)
      .map((event) => textOf(event.userMetadata?.summary)),
    heartbeats: (raw.pendingActivities ?? []).map(({ heartbeatDetails }) =>
      valueOf(heartbeatDetails?.payloads?.[0]),
    ),
    details: detailsOf(metadata),
  };
}

function textOf(payload: Payload | null | undefined): string {
  const text = valueOf(payload);
  return typeof text === 'string' ? text : '';
}

function valueOf(payload: Payload | null | undefined): unknown {
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}

function detailsOf(metadata: unknown): string {
  const details: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'currentDetails') : undefined;
  return typeof details === 'string' ? details : '';
}
