import { latenessOf } from './lateness';

describe('lateness', () => {
  it('names values that occurred, by nearest rank', () => {
    const oneToThousand = Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
    expect(latenessOf(oneToThousand)).toEqual({ p50: 500, p99: 990, max: 1_000 });
  });

  it('is the same at every percentile for a single message', () => {
    expect(latenessOf([7])).toEqual({ p50: 7, p99: 7, max: 7 });
  });

  it('orders by size and not by text', () => {
    expect(latenessOf([9, 10, 100])).toEqual({ p50: 10, p99: 100, max: 100 });
  });

  it('is unknown when nothing was sent', () => {
    expect(latenessOf([])).toEqual({ p50: null, p99: null, max: null });
  });
});
