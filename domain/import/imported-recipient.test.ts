import { canonicalLocale } from '../../platform/locale';
import { loadZones } from '../../platform/zones';
import { createJudge } from './imported-recipient';

const judge = createJudge({ zones: loadZones(), canonicalLocale });

const reasons = (document: unknown): string[] => {
  const judged = judge(document);
  return judged.kind === 'ok'
    ? []
    : judged.errors.map(({ path, code, reason }) => `${path.join('/')} ${code}: ${reason}`);
};

describe('a person of a file', () => {
  it('is kept as a PUT of them is', () => {
    const document = {
      id: 'ada',
      email: 'ada@example.com',
      phone: '+9779812345678',
      locale: 'de-at',
      attributes: { plan: 'premium' },
      createdAt: 'ignored',
    };
    expect(judge(document)).toEqual({
      kind: 'ok',
      recipient: {
        id: 'ada',
        profile: {
          email: 'ada@example.com',
          phone: '+9779812345678',
          locale: 'de-AT',
          timeZone: null,
          zone: 'Asia/Kathmandu',
          zoneSource: 'phone',
          attributes: { plan: 'premium' },
        },
      },
    });
  });

  it.each([
    [{}, ['id field.required: is required and must be a text']],
    [{ id: '' }, ['id field.too-short: must not be empty']],
    [{ id: 'a\nb' }, ['id field.format: must not hold control characters']],
    [{ id: 'a', email: 'nope' }, ['email email.invalid: must be one email address such as ada@example.com']],
    [
      { id: 'a', phone: '0151' },
      ['phone phone.invalid: must be a phone number in E.164 such as +4915112345678'],
    ],
    [
      { id: 'a', locale: 'de_AT' },
      ['locale locale.invalid: must be a BCP 47 language tag; did you mean de-AT?'],
    ],
    [
      { id: 'a', locale: 'english' },
      ['locale locale.invalid: must be a BCP 47 language tag such as en, de-AT or zh-Hant-TW'],
    ],
    [
      { id: 'a', email: ' ada@example.com' },
      ['email email.invalid: must have no blanks before or after the address'],
    ],
    [
      { id: 'a', phone: '+49 (151) 123-456 78' },
      [
        'phone phone.invalid: must be in E.164: the digits after the + alone, without blanks, dashes or brackets',
      ],
    ],
    [
      { id: 'a', timeZone: 'Paris' },
      ['timeZone zone.unknown: is not an IANA zone; did you mean Europe/Paris?'],
    ],
    [
      { id: 'a', attributes: { locale: 'x' } },
      [expect.stringMatching(/^attributes\/locale name\.reserved: /)],
    ],
    [
      { id: 'a', attributes: { x: 'a\u0000' } },
      [expect.stringMatching(/^attributes\/x text\.invalid: holds/)],
    ],
    [{ id: 'a', attributes: { x: 2 ** 60 } }, [expect.stringMatching(/^attributes\/x field\.range: /)]],
    [{ id: 'a', plan: 'premium' }, ['plan field.unknown: there is no such field']],
    ['text', [' field.type: must be an object, not a text']],
  ])('%j is refused for the same reasons', (document, expected) => {
    expect(reasons(document)).toEqual(expected);
  });

  it('is not repeated where something about a person has slipped into another column', () => {
    for (const timeZone of ['ada@example.com', '+49 151 12345678', 'Lovelace']) {
      const told = reasons({ id: 'a', timeZone });
      expect(told).toEqual([expect.stringMatching(/^timeZone zone\.unknown: is not an IANA zone/)]);
      expect(told[0]).not.toContain(timeZone);
    }
  });
});
