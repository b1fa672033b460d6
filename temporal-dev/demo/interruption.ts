import { DemoStopped } from './stopped';

/** npm passes on a signal that the terminal has already sent: the same Ctrl-C arrives twice within moments. */
const SAME_SIGNAL_MS = 1_000;

/** What a shell makes of an end by Ctrl-C. */
export const INTERRUPTED_CODE = 130;

/** Aborts at Ctrl-C, so that the demo can clean up; a second one waits for nobody. */
export function abortOnSignal(): AbortSignal {
  const controller = new AbortController();
  let asked = 0;
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - asked > SAME_SIGNAL_MS) process.exit(INTERRUPTED_CODE);
      return;
    }
    asked = performance.now();
    controller.abort(new DemoStopped('Interrupted.'));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return controller.signal;
}
