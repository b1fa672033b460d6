/** What is known of people and written to them in this test, and stands nowhere else in the world. */
export const SECRETS = {
  address: 'wilhelmina.osterhagen@geheimpost.example',
  refusedAddress: 'balthazar.quintero@geheimpost.example',
  importedAddress: 'philomena.ravndal@geheimpost.example',
  phone: '+4916098765432',
  firstName: 'Wilhelmina',
  lastName: 'Osterhagen',
  attribute: 'Zimtsternliebhaberin',
  importedAttribute: 'Fjordwanderin',
  subject: 'Streng vertraulich',
  body: 'Ihre vertrauliche Diagnose',
  phrase: 'Hochachtungsvoll verschwiegen',
  data: 'GEHEIMRABATT-7391',
} as const;

/** Every form in which a secret may stand in a text: as it is, in a URL, without the plus of a phone number. */
const FORMS = Object.values(SECRETS).flatMap((secret) => {
  const plain = secret.toLowerCase();
  return [plain, encodeURIComponent(plain).toLowerCase(), plain.replace(/^\+/, '')];
});

/** The texts in which a secret stands, by the name of the text and the secret. */
export function leaksIn(texts: ReadonlyMap<string, string>): string[] {
  return [...texts].flatMap(([name, text]) => {
    const lower = text.toLowerCase();
    return [...new Set(FORMS)]
      .filter((form) => lower.includes(form))
      .map((form) => {
        const at = lower.indexOf(form);
        return `${name} holds "${form}": ${text.slice(Math.max(0, at - 80), at + 120)}`;
      });
  });
}
