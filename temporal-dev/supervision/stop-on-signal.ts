import type { Board } from '../board';
import type { Supervisor } from './supervisor';

/** npm passes on a signal that the terminal has already sent: the same Ctrl-C arrives twice within moments. */
const SAME_SIGNAL_MS = 1_000;

export interface Stop {
  /** Stops everything in order; the process goes on. */
  now(): Promise<void>;
}

/** Ctrl-C stops everything in order and ends the process; a second one waits for nobody. */
export function stopOnSignal(
  board: Board,
  supervisor: Supervisor,
  order: readonly string[],
  onStopped: () => void,
): Stop {
  const hasten = new AbortController();
  let stopping: Promise<void> | undefined;
  let asked = 0;

  const now = (): Promise<void> => {
    stopping ??= supervisor.stop(order, hasten.signal).then(onStopped);
    return stopping;
  };
  const onSignal = (): void => {
    const at = performance.now();
    if (stopping !== undefined && at - asked > SAME_SIGNAL_MS) hasten.abort();
    if (stopping !== undefined) return;
    asked = at;
    board.close();
    board.say('Stopping.');
    now().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  return { now };
}
