import { effectiveZone } from './zone';

describe('the zone that counts for a person', () => {
  it("is the profile's own, whatever the phone says", () => {
    expect(effectiveZone('Asia/Tokyo', ['Europe/Berlin'])).toEqual({ zone: 'Asia/Tokyo', source: 'profile' });
  });

  it("is the phone country's when that country has one zone", () => {
    expect(effectiveZone(null, ['Europe/Zurich'])).toEqual({ zone: 'Europe/Zurich', source: 'phone' });
  });

  it("is the tenant's default when the phone's country has several zones", () => {
    expect(effectiveZone(null, ['Europe/Berlin', 'Europe/Busingen'])).toEqual({
      zone: null,
      source: 'default',
    });
  });

  it("is the tenant's default when nothing is known", () => {
    expect(effectiveZone(null, [])).toEqual({ zone: null, source: 'default' });
  });
});
