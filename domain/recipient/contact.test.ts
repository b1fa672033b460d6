import { countryOfPhoneNumber, isEmailAddress, isPhoneNumber } from './contact';

describe('an email address', () => {
  it.each([
    'ada@example.com',
    'a.b+tag@sub.example.co',
    "o'brien@example.ie",
    'x@münchen.de',
    `${'a'.repeat(64)}@example.com`,
  ])('may be %s', (text) => expect(isEmailAddress(text)).toBe(true));

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@localhost',
    'ada@example..com',
    '.ada@example.com',
    'ada.@example.com',
    'ada@-example.com',
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com\n',
    'Ada <ada@example.com>',
    'ada@example.com, eve@example.com',
    'ada eve@example.com',
    '"ada eve"@example.com',
    'ada@[127.0.0.1]',
    'a\u0000b@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a'.repeat(250)}.com`,
  ])('is not %j', (text) => expect(isEmailAddress(text)).toBe(false));
});

describe('a phone number', () => {
  it.each(['+4915112345678', '+12125550123', '+9779812345678'])('may be %s', (text) =>
    expect(isPhoneNumber(text)).toBe(true),
  );

  it.each([
    '',
    '015112345678',
    '+49 151 12345678',
    '+0123456789',
    '+49',
    '+999123456789',
    '+1234567890123456',
    'tel:+4915112345678',
  ])('is not %j', (text) => expect(isPhoneNumber(text)).toBe(false));

  it('tells its country, also where countries share a calling code', () => {
    expect(countryOfPhoneNumber('+9779812345678')).toBe('NP');
    expect(countryOfPhoneNumber('+441624675663')).toBe('IM');
    expect(countryOfPhoneNumber('+12125550123')).toBe('US');
  });

  it('tells none for a number that no country has given out', () => {
    expect(countryOfPhoneNumber('+15555550123')).toBeNull();
  });
});
