import type { Screen } from '../temporal-dev/demo/screen';
import type { Profiling } from './profile/profiling';

/** What a bench has measured: the last line of `--json`, keys in the order of contract.md "Benches". */
export type Figures = Readonly<Record<string, Figure>>;
type Figure = number | string | Readonly<Record<string, number>>;

/** The one number by which a bench can be made smaller or larger. */
export interface Size {
  readonly option: 'recipients' | 'count' | 'pending';
  readonly usual: number;
  readonly least: number;
  readonly most: number;
  readonly meaning: string;
}

export interface BenchRun {
  readonly size: number;
  readonly screen: Screen;
  readonly profiling: Profiling;
  readonly environment: NodeJS.ProcessEnv;
  readonly interrupted: AbortSignal;
}

/** Measures one thing and, in the same run, what it is to be compared with. */
export interface Bench {
  readonly name: string;
  /** What it measures against what, in one line. */
  readonly about: string;
  readonly size: Size;
  /** @throws BenchStopped when there is nothing to compare: a figure of work that was not done would be none. */
  run(run: BenchRun): Promise<Figures>;
}

/** Why a bench cannot go on, in words that are all a person needs: it is shown without a stack trace. */
export class BenchStopped extends Error {
  override readonly name = 'BenchStopped';
}
