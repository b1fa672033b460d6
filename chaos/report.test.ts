import { held, type Report, reportLines } from './report';

const report = (violations: readonly string[]): Report => ({
  seed: 17,
  people: 600,
  faults: 6,
  outcomes: { sent: 591, failed: 9, capped: 600 },
  mails: 621,
  secondCopies: 30,
  mostSecondCopies: 31,
  findings: [
    { sentence: 'The inbox holds every message that is recorded as sent.', violations },
    { sentence: 'No counter had to be mended.', violations: [] },
  ],
  seconds: 97.6,
});

describe('the report of a round', () => {
  it('says what was held', () => {
    expect(held(report([]))).toBe(true);
    expect(reportLines(report([]))).toEqual([
      'Seed 17: 600 people in two campaigns, 6 faults, 98 s.',
      '  591 sent, 9 failed, 600 capped; 621 mails, 30 of them second copies of at most 31.',
      '  held    The inbox holds every message that is recorded as sent.',
      '  held    No counter had to be mended.',
    ]);
  });

  it('says what was broken, in some cases of many, and how to run it again', () => {
    const cases = Array.from({ length: 7 }, (_, n) => `First person-${n}@example.com is not there`);
    expect(held(report(cases))).toBe(false);
    const lines = reportLines(report(cases), 2);
    expect(lines.slice(2, 6)).toEqual([
      '  BROKEN  The inbox holds every message that is recorded as sent.',
      '            First person-0@example.com is not there',
      '            First person-1@example.com is not there',
      '            and 5 more',
    ]);
    expect(lines.at(-1)).toBe('Again: npm run chaos -- --seed 17 --people 600');
  });
});
