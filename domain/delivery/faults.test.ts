import { faultOf, parseFaults } from './faults';
import type { Faults } from './faults';

function faults(text: string): Faults {
  const parsed = parseFaults(text);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  return parsed.value;
}

/** What becomes of the first attempts at a message. */
const story = (of: Faults, id: string) =>
  Array.from({ length: 20 }, (_, attempt) => faultOf(of, id, attempt));

describe('faults on purpose', () => {
  it('are read from one line', () => {
    expect(
      faults(
        'seed=7, transient=0.05,rate-limited:500=.02,rate-limited=0.1,latency=5-50,first=unknown/rate-limited:20',
      ),
    ).toEqual({
      seed: '7',
      first: [{ kind: 'unknown' }, { kind: 'rate-limited', retryAfterMs: 20 }],
      shares: [
        { answer: { kind: 'transient' }, share: 0.05 },
        { answer: { kind: 'rate-limited', retryAfterMs: 500 }, share: 0.02 },
        { answer: { kind: 'rate-limited' }, share: 0.1 },
      ],
      latency: { from: 5, to: 50 },
    });
  });

  it.each([
    ['transient', 'cannot be read in its part 1'],
    ['seed=1,broken=0.1', 'cannot be read in its part 2'],
    ['transient=5%', 'cannot be read in its part 1'],
    ['transient=1.5', 'cannot be read in its part 1'],
    ['transient:5=0.1', 'cannot be read in its part 1'],
    ['latency=9-3', 'cannot be read in its part 1'],
    ['first=sent', 'cannot be read in its part 1'],
    ['transient=0.6,unknown=0.5', 'has shares of more than 1 together'],
  ])('are refused as "%s"', (text, reason) => {
    expect(parseFaults(text)).toEqual({ kind: 'refused', reason });
  });

  it('are the same for the same seed, message and attempt, and others for others', () => {
    const some = faults('seed=a,transient=0.5,latency=0-1000');
    expect(story(some, 'm1')).toEqual(story(faults('seed=a,transient=0.5,latency=0-1000'), 'm1'));
    expect(story(some, 'm1')).not.toEqual(story(some, 'm2'));
    expect(story(some, 'm1')).not.toEqual(story(faults('seed=b,transient=0.5,latency=0-1000'), 'm1'));
  });

  it('come about as often as they are to', () => {
    const some = faults('seed=1,transient=0.1,rejected=0.02,latency=10-20');
    const drawn = Array.from({ length: 20_000 }, (_, n) => faultOf(some, `m${n}`, 0));
    const share = (kind: string): number =>
      drawn.filter(({ answer }) => answer.kind === kind).length / drawn.length;
    expect(share('transient')).toBeCloseTo(0.1, 1);
    expect(share('rejected')).toBeCloseTo(0.02, 1);
    const latencies = drawn.map(({ latencyMs }) => latencyMs);
    expect([Math.min(...latencies), Math.max(...latencies)]).toEqual([10, 20]);
  });

  it('answer the first attempts as they are told, and then by chance', () => {
    const some = faults('first=transient/unknown,rejected=1');
    expect([0, 1, 2].map((attempt) => faultOf(some, 'm', attempt).answer.kind)).toEqual([
      'transient',
      'unknown',
      'rejected',
    ]);
  });
});
