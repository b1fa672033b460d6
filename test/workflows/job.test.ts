import { randomUUID } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { JobRef, JobState } from '../../activities/contract';
import { jobWorkflowId, WORKFLOW } from '../../workflows/contract';
import { recordHistories } from '../histories/record';
import { stack } from '../stack';
import { scriptedSchedule } from './scripted-schedule';
import { testWorker } from './workflow-bundle';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createFromExistingServer({ address: stack().temporal });
});

afterAll(() => env.teardown());

describe('a long job', () => {
  it('is carried on until it is over, through whatever goes wrong in between', async () => {
    const asked: JobRef[] = [];
    const running = { kind: 'running', status: 'running', total: 3_000, failed: 1 } as const;
    const answers: (JobState | 'fail')[] = [
      { ...running, done: 1_000 },
      'fail',
      { ...running, done: 2_000 },
      { ...running, kind: 'over', status: 'completed', done: 3_000 },
    ];
    const advanceJob = (ref: JobRef): Promise<JobState> => {
      asked.push(ref);
      const answer = answers[asked.length - 1];
      if (answer === undefined || answer === 'fail') return Promise.reject(new Error('Postgres is away'));
      return Promise.resolve(answer);
    };
    const { activities } = scriptedSchedule(() => Promise.resolve(0), 0);
    const taskQueue = randomUUID();
    const worker = await testWorker({
      connection: env.nativeConnection,
      activities: { ...activities, advanceJob },
      taskQueue,
      shutdownGraceMs: 100,
    });
    await worker.runUntil(async () => {
      const input = { tenantId: 1, jobId: taskQueue };
      const workflow = await env.client.workflow.start(WORKFLOW.import, {
        workflowId: jobWorkflowId(WORKFLOW.import, taskQueue),
        taskQueue,
        args: [input],
      });
      await expect(workflow.result()).resolves.toEqual(answers.at(-1));
      expect(asked).toEqual([input, input, input, input]);
      await recordHistories('import-in-stretches', [workflow]);
    });
  });
});
