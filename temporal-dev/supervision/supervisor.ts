import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Board } from '../board';
import { nextPause } from './back-off';
import { endProcess } from './end-process';
import { tail } from './log-file';
import type { ProcessRegister } from './process-register';
import type { Service } from './service';
import { spawnPart, type Spawned } from './spawned';

const FIRST_ATTEMPTS = 3;
const READY_WITHIN_MS = 90_000;
const PROBE_EVERY_MS = 100;
const PATIENCE_MS = 20_000;

export interface Supervisor {
  /**
   * Starts a part and resolves when it serves. `prepare` is asked again at each of the first attempts, because a port
   * that was free may have been taken since; afterwards the part comes back where it was, for others know it there.
   * @throws when it does not come up.
   */
  start(part: string, prepare: () => Promise<Service>): Promise<void>;
  /** The pid of each part that runs just now. */
  pids(): Readonly<Record<string, number>>;
  /** Ends the parts one after the other. */
  stop(order: readonly string[], hasten: AbortSignal): Promise<void>;
}

export interface Supervised {
  readonly board: Board;
  readonly register: ProcessRegister;
  readonly logs: string;
  /** Called when a part came back under another pid. */
  readonly onChange: () => void;
}

export function createSupervisor({ board, register, logs, onChange }: Supervised): Supervisor {
  const running = new Map<string, Spawned>();
  const stopping = new AbortController();
  const logOf = (part: string): string => path.join(logs, `${part.toLowerCase()}.log`);

  /** Starts the process once; null when it serves, otherwise why it does not. */
  async function launch(part: string, service: Service): Promise<string | null> {
    const spawned = await spawnPart(part, service.command, logOf(part), register);
    running.set(part, spawned);
    const ended = spawned.ended.then((how) => {
      if (running.get(part) === spawned) running.delete(part);
      return `it ended (${how})`;
    });
    const settled = new AbortController();
    const looking = AbortSignal.any([settled.signal, stopping.signal]);
    const problem = await Promise.race([ended, untilReady(service, looking)]);
    settled.abort();
    if (problem !== null) await endProcess(spawned, PATIENCE_MS, stopping.signal);
    return problem;
  }

  async function watch(part: string, service: Service): Promise<void> {
    let startedAt = performance.now();
    let pause = 0;
    while (!stopping.signal.aborted) {
      const how = (await running.get(part)?.ended) ?? 'it did not come up';
      if (stopping.signal.aborted) return;
      pause = nextPause(performance.now() - startedAt, pause);
      board.failed(part, `died (${how}), is started again in ${pause / 1_000} s; log: ${logOf(part)}`);
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      startedAt = performance.now();
      const problem = await launch(part, service).catch(String);
      if (problem !== null) continue;
      board.done(part, 'runs again');
      onChange();
    }
  }

  return {
    async start(part, prepare) {
      let problem: string | null = null;
      for (let attempt = 1; attempt <= FIRST_ATTEMPTS && !stopping.signal.aborted; attempt++) {
        const service = await prepare();
        if (stopping.signal.aborted) break;
        board.busy(part, 'starting');
        problem = await launch(part, service);
        if (problem === null) {
          void watch(part, service);
          return;
        }
      }
      if (stopping.signal.aborted) throw new Error(`${part} was stopped before it came up`);
      board.failed(part, 'does not come up');
      throw new Error(
        `${part} does not come up: ${problem}. Its log ends with\n${tail(logOf(part), 12)}\n(${logOf(part)})`,
      );
    },
    pids: () => Object.fromEntries([...running].map(([part, { pid }]) => [part, pid])),
    async stop(order, hasten) {
      stopping.abort();
      for (const part of [...order, ...running.keys()]) {
        const spawned = running.get(part);
        if (spawned === undefined) continue;
        board.busy(part, 'stopping');
        await endProcess(spawned, PATIENCE_MS, hasten);
        await spawned.ended;
        board.done(part, 'stopped');
      }
    },
  };
}

/** Null when the service answers; words when it did not in time. */
async function untilReady(service: Service, giveUp: AbortSignal): Promise<string | null> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (giveUp.aborted) return 'nobody waits for it any more';
    if (await service.ready().catch(() => false)) return null;
    await sleep(PROBE_EVERY_MS);
  }
  return `it did not answer within ${READY_WITHIN_MS / 1_000} s`;
}
