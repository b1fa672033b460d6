import { randomBytes, randomUUID } from 'node:crypto';
import { NativeConnection } from '@temporalio/worker';
import type { DataConverter, WorkflowClient, WorkflowHandle } from '@temporalio/client';
import { HOUR } from '../../domain/time/instant';
import type { EncryptionKey } from '../../platform/config';
import { createKeyRing } from '../../platform/crypto';
import { createDataConverter } from '../../platform/data-converter';
import { connectTemporal } from '../../platform/temporal';
import type { TemporalClient } from '../../platform/temporal';
import { LOOK_SIGNAL, WORKFLOW, occurrenceWorkflowId, scheduleWorkflowId } from '../../workflows/contract';
import { stack } from '../stack';
import { scriptedSchedule } from '../workflows/scripted-schedule';
import type { ScriptedSchedule } from '../workflows/scripted-schedule';
import { testWorker } from '../workflows/workflow-bundle';

export type Keys = readonly [EncryptionKey, ...EncryptionKey[]];

export function newKey(id: string): EncryptionKey {
  return { id, key: randomBytes(32) };
}

/** A scripted schedule whose occurrence opens in an hour, as processes with different key rings meet it. */
export interface EncryptedSchedule {
  readonly world: ScriptedSchedule;
  /** What the API does at every command, with these keys. */
  command(keys: Keys): Promise<WorkflowHandle>;
  /** Runs a worker with these keys while `during` lasts. Returns what the data converter logged. */
  withWorker(keys: Keys, during: () => Promise<unknown>): Promise<string[]>;
  /** The schedule's workflow, for who has these keys; without any, as it is stored. */
  schedule(keys?: Keys): WorkflowHandle;
  occurrence(keys?: Keys): WorkflowHandle;
  close(): Promise<void>;
}

export async function encryptedSchedule(): Promise<EncryptedSchedule> {
  const world = scriptedSchedule(async () => Date.now(), Date.now() + HOUR);
  const scheduleId = randomUUID();
  const taskQueue = scheduleId;
  const connection = await NativeConnection.connect({ address: stack().temporal });
  const clients: TemporalClient[] = [];
  function workflowsFor(keys?: Keys): WorkflowClient {
    const temporal = connectTemporal(stack().temporal, keys && converterOf(keys, () => undefined));
    clients.push(temporal);
    return temporal.client.workflow;
  }

  return {
    world,
    command: (keys) =>
      workflowsFor(keys).signalWithStart(WORKFLOW.schedule, {
        workflowId: scheduleWorkflowId(scheduleId),
        taskQueue,
        args: [{ tenantId: 1, scheduleId }],
        signal: LOOK_SIGNAL,
        signalArgs: [world.version],
      }),
    async withWorker(keys, during) {
      const logged: string[] = [];
      const worker = await testWorker({
        connection,
        activities: world.activities,
        taskQueue,
        shutdownGraceMs: 100,
        dataConverter: converterOf(keys, (line) => logged.push(line)),
      });
      await worker.runUntil(async () => {
        await during();
      });
      return logged;
    },
    schedule: (keys) => workflowsFor(keys).getHandle(scheduleWorkflowId(scheduleId)),
    occurrence: (keys) => workflowsFor(keys).getHandle(occurrenceWorkflowId(scheduleId, world.nominal)),
    async close() {
      await Promise.all(clients.map((temporal) => temporal.close()));
      await connection.close();
    },
  };
}

function converterOf(keys: Keys, log: (line: string) => void): DataConverter {
  return createDataConverter(createKeyRing(keys), { error: (_fields, line) => log(line) });
}
