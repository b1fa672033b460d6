import type { Evidence } from '../evidence/evidence';

/** A promise of Sundial, and how to tell from the evidence whether it was kept. */
export interface Invariant {
  /** What holds, in a sentence. */
  readonly sentence: string;
  /** What contradicts it, a line each; empty when it was kept. */
  violations(evidence: Evidence): readonly string[];
}

/** How an invariant came out. */
export interface Finding {
  readonly sentence: string;
  readonly violations: readonly string[];
}
