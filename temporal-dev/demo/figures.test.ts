import { figuresOf, isWhole, outcomesOf } from './figures';
import { createPaint } from './paint';
import { reportLines } from './report';

const sent = { timeZone: 'UTC', outcome: 'sent', latenessMs: 40 };
const failed = { timeZone: 'UTC', outcome: 'failed', latenessMs: null };
const plain = createPaint({ write: () => undefined }, {});

describe('the figures of a run', () => {
  it('count everybody considered, whoever was sent to, and the lateness of what was sent', () => {
    expect(figuresOf([sent, failed, { ...sent, latenessMs: 60 }], 2)).toEqual({
      considered: 3,
      sent: 2,
      inbox: 2,
      latenessMs: { p50: 40, p99: 60, max: 60 },
    });
  });

  it('list outcomes by how often they came', () => {
    expect([...outcomesOf([failed, sent, sent])]).toEqual([
      ['sent', 2],
      ['failed', 1],
    ]);
  });

  it.each([
    ['somebody was not considered', [sent], 1, false],
    ['somebody was not sent to', [sent, failed], 1, false],
    ['a mail did not arrive', [sent, sent], 1, false],
    ['more mails arrived than there are people', [sent, sent], 3, false],
    ['the inbox is not ours to count', [sent, sent], null, true],
    ['everybody got one', [sent, sent], 2, true],
  ])('are judged when %s', (_case, deliveries, inbox, whole) => {
    expect(isWhole(figuresOf(deliveries, inbox), 2)).toBe(whole);
  });

  it('are told in words', () => {
    const deliveries = [sent, sent, failed];
    const told = reportLines(figuresOf(deliveries, 2), outcomesOf(deliveries), false, plain);
    expect(told).toEqual([
      '  considered  3',
      '  outcomes    2 sent, 1 failed',
      '  inbox       2 distinct mails',
      '  lateness    p50 40 ms   p99 40 ms   max 40 ms',
      '',
      '  ✗ Not everybody got exactly one mail.',
    ]);
  });

  it('say so when nothing was sent and there is no inbox to count', () => {
    const told = reportLines(figuresOf([], null), outcomesOf([]), false, plain).join('\n');
    expect(told).toContain('outcomes    none');
    expect(told).toContain('not ours');
    expect(told).toContain('p99 none');
  });
});
