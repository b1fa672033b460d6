interface Scripts {
  /** What the language is written in where nothing else is said. */
  readonly usual: string;
  /** Where it is written otherwise: regions by script. */
  readonly elsewhere: Readonly<Record<string, readonly string[]>>;
}

/**
 * Languages that are written in more than one script, and which goes without saying where: from the likely subtags of
 * Unicode CLDR 48. All in lower case.
 */
const SCRIPTS: ReadonlyMap<string, Scripts> = new Map([
  ['az', { usual: 'latn', elsewhere: { arab: ['iq', 'ir'], cyrl: ['ru'] } }],
  ['bs', { usual: 'latn', elsewhere: {} }],
  ['ha', { usual: 'latn', elsewhere: { arab: ['cm', 'sd'] } }],
  ['kk', { usual: 'cyrl', elsewhere: { arab: ['af', 'cn', 'ir', 'mn'] } }],
  ['ku', { usual: 'latn', elsewhere: { arab: ['iq', 'ir', 'lb'], cyrl: ['am', 'az', 'ge', 'tm'] } }],
  ['ky', { usual: 'cyrl', elsewhere: { arab: ['cn'], latn: ['tr'] } }],
  ['mn', { usual: 'cyrl', elsewhere: { mong: ['cn'] } }],
  ['ms', { usual: 'latn', elsewhere: { arab: ['cc'] } }],
  ['pa', { usual: 'guru', elsewhere: { arab: ['pk'] } }],
  ['sd', { usual: 'arab', elsewhere: { deva: ['in'] } }],
  ['sr', { usual: 'cyrl', elsewhere: { latn: ['me', 'ro', 'tr'] } }],
  ['tg', { usual: 'cyrl', elsewhere: { arab: ['pk'] } }],
  ['ug', { usual: 'arab', elsewhere: { cyrl: ['kz', 'mn'] } }],
  ['uz', { usual: 'latn', elsewhere: { arab: ['af'], cyrl: ['cn'] } }],
  ['yue', { usual: 'hant', elsewhere: { hans: ['cn'] } }],
  [
    'zh',
    {
      usual: 'hans',
      elsewhere: {
        hant: 'au bn gb gf hk id mo pa pf ph sr th tw us vn'.split(' '),
      },
    },
  ],
]);

/** The script that goes without saying; null for a language that knows only one. Subtags in lower case. */
export function likelyScript(language: string, region: string | null): string | null {
  const scripts = SCRIPTS.get(language);
  if (scripts === undefined) return null;
  const other = Object.entries(scripts.elsewhere).find(
    ([, regions]) => region !== null && regions.includes(region),
  );
  return other?.[0] ?? scripts.usual;
}
