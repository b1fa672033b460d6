import { HOUR, MINUTE, SECOND } from '../time/instant';
import { hasExpired, judgeLateness } from './late';
import type { LateRule } from './late';

const due = Date.UTC(2026, 5, 1, 9);
const judged = (lateBy: number, late: LateRule, expiresAfterMs = 24 * HOUR) =>
  judgeLateness(due, due + lateBy, late, expiresAfterMs);

describe('late policy send (default)', () => {
  const send: LateRule = { policy: 'send', graceSeconds: 3_600 };

  test('sends at once what is at most the grace late', () => {
    expect(judged(0, send)).toEqual({ kind: 'send', latenessMs: 0 });
    expect(judged(HOUR, send)).toEqual({ kind: 'send', latenessMs: HOUR });
  });

  test('expires what is later', () => {
    expect(judged(HOUR + 1, send)).toEqual({ kind: 'expired', reason: 'late', latenessMs: HOUR + 1 });
  });

  test('forgives nothing without a grace', () => {
    expect(judged(0, { policy: 'send', graceSeconds: 0 }).kind).toBe('send');
    expect(judged(1, { policy: 'send', graceSeconds: 0 }).kind).toBe('expired');
  });

  test('is ended by expiresAfter, however long the grace is', () => {
    const patient: LateRule = { policy: 'send', graceSeconds: 1_000_000 };
    expect(judged(24 * HOUR, patient)).toEqual({ kind: 'send', latenessMs: 24 * HOUR });
    expect(judged(24 * HOUR + 1, patient)).toMatchObject({ kind: 'expired', reason: 'expires-after' });
  });
});

describe('late policy skip', () => {
  const skip: LateRule = { policy: 'skip', graceSeconds: 3_600 };

  test('sends what is up to 60 s late, whatever the grace', () => {
    expect(judged(MINUTE, skip)).toEqual({ kind: 'send', latenessMs: MINUTE });
  });

  test('expires what is more than 60 s late', () => {
    expect(judged(MINUTE + 1, skip)).toEqual({ kind: 'expired', reason: 'late', latenessMs: MINUTE + 1 });
  });

  test('is ended by expiresAfter within that minute', () => {
    expect(judged(11 * SECOND, skip, 10 * SECOND)).toMatchObject({
      kind: 'expired',
      reason: 'expires-after',
    });
  });
});

test('a page that starts early is not late', () => {
  expect(judged(-5 * SECOND, { policy: 'skip', graceSeconds: 0 })).toEqual({ kind: 'send', latenessMs: 0 });
});

test('after its page has started only expiresAfter ends a message', () => {
  expect(hasExpired(due, due + 24 * HOUR, 24 * HOUR)).toBe(false);
  expect(hasExpired(due, due + 24 * HOUR + 1, 24 * HOUR)).toBe(true);
});
