import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { HistoryAndWorkflowId } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import type { ReplayResult } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { replayOptions } from './workflow-bundle';

interface RecordedHistory {
  workflowId: string;
  history: { events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[] };
}

const FOLDER = path.join(__dirname, '..', 'histories');
const STORIES = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

function recorded(story: string): RecordedHistory[] {
  return JSON.parse(readFileSync(path.join(FOLDER, story), 'utf8'));
}

async function replay(histories: RecordedHistory[]): Promise<ReplayResult[]> {
  const parsed = histories.map(({ workflowId, history }): HistoryAndWorkflowId => ({
    workflowId,
    history: historyFromJSON(history),
  }));
  const results: ReplayResult[] = [];
  for await (const result of Worker.runReplayHistories(await replayOptions(), parsed)) results.push(result);
  return results;
}

describe('workflows that are asleep while a new version is deployed', () => {
  it.each(STORIES)('go on as they were recorded: %s', async (story) => {
    const histories = recorded(story);
    const results = await replay(histories);
    expect(results.map(({ workflowId, error }) => ({ workflowId, error }))).toEqual(
      histories.map(({ workflowId }) => ({ workflowId, error: undefined })),
    );
  });

  it('are told of when they could not: a step that has another name', async () => {
    const histories = recorded('complete.json');
    const scheduled = histories
      .flatMap(({ history }) => history.events)
      .map((event) => event.activityTaskScheduledEventAttributes?.activityType)
      .find((activityType) => activityType?.name === 'cutPages');
    if (scheduled === undefined) throw new Error('the recorded occurrence cut no pages');
    scheduled.name = 'cutSlices';

    const errors = (await replay(histories)).map((result) => result.error);
    expect(errors.filter((error) => error !== undefined)).toEqual([expect.any(DeterminismViolationError)]);
  });
});
