import { armingLead, openingLead } from './arming';

const ids = Array.from({ length: 2_000 }, (_, index) => String(70_000 + index));

describe('the lead of arming', () => {
  it('is three to eight seconds, the same for one occurrence at every planning', () => {
    for (const id of ids) {
      expect(armingLead(id)).toBeGreaterThanOrEqual(3_000);
      expect(armingLead(id)).toBeLessThanOrEqual(8_000);
      expect(armingLead(id)).toBe(armingLead(id));
    }
  });

  it('spreads occurrences of neighbouring ids over those seconds', () => {
    for (const second of [3, 4, 5, 6, 7]) {
      const started = ids.filter((id) => Math.floor(armingLead(id) / 1_000) === second);
      expect(started.length).toBeGreaterThan(ids.length / 10);
    }
  });

  it('is shorter than the lead of opening, whatever the ids', () => {
    expect(Math.min(...ids.map(openingLead))).toBeGreaterThan(Math.max(...ids.map(armingLead)));
  });
});
