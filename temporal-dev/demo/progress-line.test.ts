import { progressLine } from './progress-line';

const progress = { label: 'Settled', done: 250, total: 1_000, note: '240 in the inbox' };

describe('a progress line', () => {
  it('shows a bar, the figures and the note', () => {
    expect(progressLine(progress, 79)).toBe(
      '  Settled   ██████░░░░░░░░░░░░░░░░░░    250 of 1,000  25 %  240 in the inbox',
    );
  });

  it('says 100 % only when nothing is missing', () => {
    expect(progressLine({ ...progress, done: 999 }, 79)).toContain(' 99 %');
    expect(progressLine({ ...progress, done: 999 }, 79)).toContain('░');
    expect(progressLine({ ...progress, done: 1_000 }, 79)).toContain(' 100 %');
  });

  it('never outgrows its width: a line that wraps cannot be redrawn', () => {
    for (let width = 1; width < 100; width++) {
      expect(progressLine(progress, width).length).toBeLessThanOrEqual(width);
    }
  });

  it('is full when there was nothing to do', () => {
    expect(progressLine({ label: 'People', done: 0, total: 0, note: '' }, 79)).toContain('100 %');
  });
});
