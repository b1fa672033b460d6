import type { OccurrenceStanding } from '../store/occurrences';
import { standingFor } from './standing';

const begun = { version: 2, templateVersion: 5 };
const now: OccurrenceStanding = { ...begun, state: 'open', scheduleStatus: 'running' };

describe('a page', () => {
  it('goes on while its occurrence stands as it began', () => {
    expect(standingFor(begun, now)).toBe('go');
    expect(standingFor(begun, { ...now, scheduleStatus: 'scheduled' })).toBe('go');
  });

  it.each<[string, Partial<OccurrenceStanding>]>([
    ['was changed', { version: 3 }],
    ['is to deliver a newer version of its template', { templateVersion: 6 }],
    ['is paused', { scheduleStatus: 'paused' }],
    ['is over', { state: 'completed' }],
  ])('leaves who is left to the next plan when its occurrence %s', (_what, change) => {
    expect(standingFor(begun, { ...now, ...change })).toBe('halt');
  });

  it('records who is left as cancelled when its schedule is', () => {
    expect(standingFor(begun, { ...now, scheduleStatus: 'cancelled', templateVersion: 6 })).toBe('cancelled');
  });
});
