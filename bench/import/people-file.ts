import { addressOf, zoneOf } from '../people';

/** One row in so many is broken, as in a file that people have kept by hand. */
const BROKEN_EVERY = 100;

const LOCALES = ['en', 'de-AT', 'pt-BR', 'hi'];
const PLANS = ['free', 'premium', 'team'];
const ROWS_A_PIECE = 1_000;

/** A person of the file as columns of text, before any mistake. */
export interface Row {
  readonly id: string;
  readonly email: string;
  readonly timeZone: string;
  readonly locale: string;
  readonly firstName: string;
  readonly plan: string;
  readonly visits: number;
}

export function rowOf(n: number): Row {
  return {
    id: `person-${n}`,
    email: addressOf(n),
    timeZone: zoneOf(n),
    locale: LOCALES[n % LOCALES.length] ?? 'en',
    firstName: `Ada ${n}`,
    plan: PLANS[n % PLANS.length] ?? 'free',
    visits: n % 500,
  };
}

/** A CSV of `rows` people, in pieces. Of each hundred rows the last has no address but something like one. */
export function* peopleFile(rows: number): Generator<string> {
  yield 'id,email,timeZone,locale,first_name,plan,visits:number\n';
  for (let from = 0; from < rows; from += ROWS_A_PIECE) {
    let piece = '';
    for (let n = from; n < Math.min(rows, from + ROWS_A_PIECE); n += 1) piece += lineOf(n);
    yield piece;
  }
}

/** Lines of the file whose address is wrong, in order; the header is line 1. */
export function brokenLines(rows: number): number[] {
  return Array.from({ length: Math.floor(rows / BROKEN_EVERY) }, (_, k) => (k + 1) * BROKEN_EVERY + 1);
}

function lineOf(n: number): string {
  const { id, email, timeZone, locale, firstName, plan, visits } = rowOf(n);
  const address = (n + 1) % BROKEN_EVERY === 0 ? email.replace('@', ' at ') : email;
  return `${id},${address},${timeZone},${locale},${firstName},${plan},${visits}\n`;
}
