import { randomUUID } from 'node:crypto';
import type { Channel } from '../../channels/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import type { MessageQueue } from '../../domain/messages/queue';
import { describeError } from '../../platform/logger';
import { extendMessageLeases, giveBackMessages } from '../../store/messages/claim';
import type { ReadTexts } from '../../store/messages/words';
import { createLeases } from '../leases';
import type { Leases } from '../leases';
import type { PageDeps } from '../page-state';
import { createRecorder } from '../record';
import { createMessageDispatch } from './dispatch';
import type { MessageDispatch } from './dispatch';
import { createMessageLog } from './log';
import type { MessageLog } from './log';
import { createMessageOutcomes } from './outcomes';
import type { MessageOutcomes, OutcomeOfMessage } from './outcomes';
import type { MessageRun } from './run';

export interface MessageDeps extends PageDeps {
  /** Shared by all deliveries of the process. */
  readonly readTexts: ReadTexts;
}

/** What the steps of one delivery share. */
export interface Delivery {
  readonly deps: MessageDeps;
  readonly queue: MessageQueue;
  readonly leases: Leases;
  readonly dispatch: MessageDispatch;
  readonly outcomes: MessageOutcomes;
  readonly log: MessageLog;
  /** Aborted when the delivery has to end, whatever the reason. */
  readonly stop: AbortSignal;
  /** Whoever carries the channel in this process, in the order in which they are asked; nobody where it is not set up. */
  providersOf(channel: ChannelName): readonly Channel[];
  /** Has what waits for its next try given back, awaits what is on the wire, and writes what came of it. */
  close(): Promise<void>;
}

export function openDelivery(deps: MessageDeps, run: MessageRun, queue: MessageQueue): Delivery {
  const { db, clock, sleep, logger } = deps;
  const owner = randomUUID();
  const ending = new AbortController();
  const stop = AbortSignal.any([run.stop, ending.signal]);
  const outcomes = createMessageOutcomes(deps, owner);
  const leases = createLeases(owner, clock, (ids, until) => extendMessageLeases(db, ids, until));
  const settle = async (settled: readonly OutcomeOfMessage[]): Promise<void> => {
    await outcomes.settle(settled);
    for (const { id } of settled) leases.release(id);
  };
  const recorder = createRecorder(settle, sleep, run.stop);
  const log = createMessageLog(deps, queue);
  const dispatch = createMessageDispatch(deps, { leases, recorder, log, stop });

  return {
    deps,
    queue,
    leases,
    dispatch,
    outcomes,
    log,
    stop,
    providersOf: (channel) => deps.channels.get(channel) ?? [],
    async close() {
      ending.abort();
      const { unsent, failure } = await dispatch.rest();
      // Its message is tried again, and nobody else's waits for that.
      if (failure)
        logger.error(describeError(failure.error), 'a message could not be handed to its provider');
      await recorder.drain();
      const now = clock();
      const told = new Map(unsent.map(({ parcel, ...rest }) => [parcel.key, { parcel, ...rest }]));
      const left = leases.rids().map((id) => {
        const one = told.get(id);
        if (!one) return { id, attempts: null, doubt: null, steps: [], retryAt: now };
        const { attempts, doubt, steps } = one;
        return { id, attempts, doubt, steps, retryAt: dispatch.retryAt(one.parcel, attempts) };
      });
      if (left.length > 0) await giveBackMessages(db, left, owner);
    },
  };
}
