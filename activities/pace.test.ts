import { LARGEST_SUB_BATCH, nextSubBatch, SUB_BATCH } from './pace';

describe('the next sub-batch of a page', () => {
  it.each<[string, number, number, number]>([
    ['is small before anything was attempted', 0, 0, SUB_BATCH],
    ['is small at a provider that takes ten a second', 20, 2_000, SUB_BATCH],
    ['is what the provider takes in half a second', 600, 1_000, 300],
    ['is bounded, however fast the provider', 100, 1, LARGEST_SUB_BATCH],
  ])('%s', (_, attempted, withinMs, people) => {
    expect(nextSubBatch(attempted, withinMs)).toBe(people);
  });
});
