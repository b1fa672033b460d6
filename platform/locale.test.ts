import { canonicalLocale } from './locale';

describe('a locale', () => {
  it('is brought into canonical case', () => {
    expect(canonicalLocale('de-at')).toBe('de-AT');
    expect(canonicalLocale('ZH-hant-tw')).toBe('zh-Hant-TW');
  });

  it.each(['', 'de_AT', 'x', 'not a locale', '../en'])('is not %j', (text) =>
    expect(canonicalLocale(text)).toBeNull(),
  );
});
