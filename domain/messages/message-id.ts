import type { Instant } from '../time/instant';

/** Messages are spread over so many shards; each has its own workflow. */
export const MESSAGE_SHARDS = 16;

const RANDOM_BYTES = 10;

/**
 * The id of a new message, as a UUID. Its first 48 bits are the instant at which the message was due when it was
 * accepted, so that its day can be told from the id alone, for ever; the others are `random`, ten bytes.
 */
export function messageUuid(due: Instant, random: Uint8Array): string {
  if (random.length !== RANDOM_BYTES) throw new RangeError(`An id takes ${RANDOM_BYTES} random bytes.`);
  const digits = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return dashed(due.toString(16).padStart(12, '0') + digits);
}

/** How people write it: `msg_` and a ULID. */
export function messageIdOf(uuid: string): string {
  return `msg_${messageStep(uuid)}`;
}

/** The ULID of a message: its step in the ledger. */
export function messageStep(uuid: string): string {
  const hex = uuid.replaceAll('-', '');
  const digits = PARTS.map(({ from, hexDigits, digits: length }) =>
    Number.parseInt(hex.slice(from, from + hexDigits), 16)
      .toString(32)
      .padStart(length, '0'),
  ).join('');
  return Array.from(digits, (digit) => ALPHABET.charAt(Number.parseInt(digit, 32))).join('');
}

const MESSAGE_ID = /^msg_([0-7][0-9A-HJKMNP-TV-Z]{25})$/;

/** Null when the text is no id of a message. */
export function uuidOfMessageId(id: string): string | null {
  const [, ulid] = MESSAGE_ID.exec(id) ?? [];
  return ulid === undefined ? null : uuidOfStep(ulid);
}

/** The UUID of a message by its step in the ledger. */
export function uuidOfStep(ulid: string): string {
  const digits = Array.from(ulid, (letter) => ALPHABET.indexOf(letter).toString(32)).join('');
  let at = 0;
  const hex = PARTS.map(({ hexDigits, digits: length }) => {
    const part = Number.parseInt(digits.slice(at, at + length), 32);
    at += length;
    return part.toString(16).padStart(hexDigits, '0');
  }).join('');
  return dashed(hex);
}

/** The partition of the ledger that has its outcome: the UTC date of its first due instant, `YYYY-MM-DD`. */
export function messageDay(uuid: string): string {
  const due = Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
  return new Date(due).toISOString().slice(0, 10);
}

export function messageShard(uuid: string): number {
  return Number.parseInt(uuid.slice(-1), 16) % MESSAGE_SHARDS;
}

/** Crockford's digits, as in every ULID. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** An id has more bits than a number: the time, and the random bits in halves. */
const PARTS = [
  { from: 0, hexDigits: 12, digits: 10 },
  { from: 12, hexDigits: 10, digits: 8 },
  { from: 22, hexDigits: 10, digits: 8 },
] as const;

function dashed(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
