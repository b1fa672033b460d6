import type { BenchRun } from '../bench/bench';
import { NO_PROFILING } from '../bench/profile/profiling';

/** A run of a bench as the command line makes it, with what it says in `said`. Without variables it raises its own servers. */
export function benchRun(own: Partial<BenchRun> & Pick<BenchRun, 'size'>): BenchRun & { said: string[] } {
  const said: string[] = [];
  const environment = { ...process.env };
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL']) delete environment[name];
  return {
    screen: { say: (...lines) => said.push(...lines), progress: () => undefined },
    profiling: NO_PROFILING,
    environment,
    interrupted: new AbortController().signal,
    ...own,
    said,
  };
}
