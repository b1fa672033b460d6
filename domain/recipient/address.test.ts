import { CHANNEL_NAMES } from '../delivery/channel';
import { ADDRESSED_CHANNELS, addressFieldOf, canonicalAddress } from './address';

describe('the spelling of an address that counts', () => {
  it.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['ada@Bu\u0308cher.example', 'ada@b\u00fccher.example'],
    ['+4915112345678', '+4915112345678'],
    ['ada+news@example.com', 'ada+news@example.com'],
  ])('of %s is %s', (written, canonical) => {
    expect(canonicalAddress(written)).toBe(canonical);
  });
});

describe('channels with addresses', () => {
  it('are those that need a field of the profile', () => {
    expect(CHANNEL_NAMES.filter((name) => addressFieldOf(name) !== null)).toEqual(ADDRESSED_CHANNELS);
  });
});
