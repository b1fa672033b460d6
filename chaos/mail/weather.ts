import { createHash } from 'node:crypto';
import type { Cut } from '../plan/fault';

/** What ails a mail server just now. */
export interface Weather {
  /** Until when it answers nothing. */
  hang: Promise<void> | null;
  /** What it says instead of doing its work, and to which share of the addresses. */
  answer: { readonly code: 421 | 450 | 550; readonly share: number } | null;
  /** How many more mails it breaks off, and where. */
  drop: { readonly cut: Cut; readonly mails: number } | null;
}

export function fairWeather(): Weather {
  return { hang: null, answer: null, drop: null };
}

/** Whether an address is among such a share of all, the same ones however often it is asked. `of` draws others. */
export function isAmong(share: number, address: string, of: string): boolean {
  const drawn = createHash('sha256').update(`${of} ${address}`).digest().readUInt32BE(0);
  return drawn < share * 2 ** 32;
}

/** Whether the next mail is to be broken off there; it then counts. */
export function takeDrop(weather: Weather, cut: Cut): boolean {
  const { drop } = weather;
  if (drop?.cut !== cut || drop.mails === 0) return false;
  weather.drop = { cut, mails: drop.mails - 1 };
  return true;
}
