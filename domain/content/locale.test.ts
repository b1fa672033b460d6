import { chooseLocale, isLocaleTag } from './locale';

describe('the locale', () => {
  const variants = { en: 1, de: 1, 'zh-Hant': 1, 'pt-BR': 1 };
  it.each([
    ['de-AT', 'de'],
    ['DE', 'de'],
    ['zh-Hant-TW', 'zh-Hant'],
    ['zh', 'en'],
    ['pt-br', 'pt-BR'],
    ['de-x-private', 'de'],
    ['fr', 'en'],
    [null, 'en'],
    ['', 'en'],
    ['__proto__', 'en'],
  ])('%s gets %s', (locale, expected) => {
    expect(chooseLocale(variants, locale, 'en-GB')).toBe(expected);
  });

  it.each([
    ['zh-TW', 'zh-Hant'],
    ['zh-HK', 'zh-Hant'],
    ['zh-CN', 'zh-Hans'],
    ['zh-SG', 'zh-Hans'],
    ['zh', 'zh'],
    ['zh-Latn', 'zh'],
    ['sr-ME', 'sr-Latn'],
    ['sr', 'sr-Cyrl'],
    ['pa-PK', 'pa-Arab'],
    ['uz-Latn-UZ', 'uz-UZ'],
    ['uz-Cyrl-UZ', 'en'],
    ['zh-TW-u-ca-roc', 'zh-Hant'],
  ])('%s, whose script goes without saying, gets %s', (locale, expected) => {
    const scripts = ['zh', 'zh-Hans', 'zh-Hant', 'sr-Latn', 'sr-Cyrl', 'pa-Arab', 'uz-UZ', 'en'];
    const written = Object.fromEntries(scripts.map((tag) => [tag, 1]));
    expect(chooseLocale(written, locale, 'en')).toBe(expected);
  });

  it('of a language alone is written as most write it', () => {
    expect(chooseLocale({ 'zh-Hant': 1, 'zh-Hans': 1 }, 'zh', 'en')).toBe('zh-Hans');
  });

  it('is none when even the default has no variant', () => {
    expect(chooseLocale({ de: 1 }, 'fr', 'en')).toBeNull();
  });

  it('is a tag by its shape', () => {
    expect(['en', 'de-AT', 'zh-Hant-TW', 'sl-rozaj-biske-1994'].every(isLocaleTag)).toBe(true);
    expect(['', 'e', 'en_US', 'en-', '__proto__', 'x'.repeat(40)].some(isLocaleTag)).toBe(false);
  });
});
