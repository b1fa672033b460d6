import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { LOOK_SIGNAL } from './contract';

/** The signal says that something changed in Postgres; the version is a hint for people, the row decides. */
const lookSignal = defineSignal<[version?: number]>(LOOK_SIGNAL);

export interface Looks {
  /** True while a look has come that no reading has answered. */
  pending(): boolean;
  /** To be called just before reading: a look that comes during the reading is answered by the next one. */
  answer(): void;
  /** Resolves at the next look. */
  next(): Promise<void>;
  /** Resolves at the next look, or after `ms`. */
  within(ms: number, summary: string): Promise<'look' | 'time'>;
}

/** Has to run before a workflow's first await, or a signal that came with the start finds no handler. */
export function listenForLooks(): Looks {
  let looked = false;
  setHandler(lookSignal, () => {
    looked = true;
  });
  return {
    pending: () => looked,
    answer: () => {
      looked = false;
    },
    next: () => condition(() => looked),
    within: async (ms, summary) => ((await condition(() => looked, ms, { summary })) ? 'look' : 'time'),
  };
}
