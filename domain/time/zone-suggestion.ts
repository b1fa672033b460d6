import { slipsBetween } from '../likeness';
import { parsePosixRule } from './posix-rule';
import type { ZoneData } from './zone-data';

const MOST = 3;

/** Where most people who write the abbreviation live; for all others the zones' own rules are asked. */
const ABBREVIATIONS = new Map([
  ['PT', ['America/Los_Angeles']],
  ['PST', ['America/Los_Angeles', 'Asia/Manila']],
  ['PDT', ['America/Los_Angeles']],
  ['MT', ['America/Denver']],
  ['MDT', ['America/Denver']],
  ['CT', ['America/Chicago']],
  ['CST', ['America/Chicago', 'Asia/Shanghai', 'America/Havana']],
  ['CDT', ['America/Chicago', 'America/Havana']],
  ['ET', ['America/New_York']],
  ['EDT', ['America/New_York']],
  ['AST', ['America/Halifax', 'America/Puerto_Rico', 'Asia/Riyadh']],
  ['AKST', ['America/Anchorage']],
  ['AKDT', ['America/Anchorage']],
  ['BST', ['Europe/London', 'Asia/Dhaka']],
  ['IST', ['Asia/Kolkata', 'Europe/Dublin', 'Asia/Jerusalem']],
  ['WEST', ['Europe/Lisbon']],
  ['CEST', ['Europe/Berlin', 'Europe/Paris', 'Europe/Madrid']],
  ['EEST', ['Europe/Athens', 'Europe/Helsinki', 'Europe/Kyiv']],
  ['GST', ['Asia/Dubai']],
  ['BRT', ['America/Sao_Paulo']],
  ['AEST', ['Australia/Sydney', 'Australia/Brisbane']],
  ['AEDT', ['Australia/Sydney']],
]);

interface KnownName {
  readonly name: string;
  readonly whole: string;
  /** The part after the last slash: a city, as a rule. */
  readonly last: string;
  readonly link: boolean;
}

/**
 * Answers, for a text that is no accepted name, at most three accepted names that may have been meant, the
 * likeliest first.
 */
export function createSuggestion(
  data: ZoneData,
  names: readonly string[],
): (text: string) => readonly string[] {
  let index: readonly KnownName[] | undefined;
  return (text) => {
    const typed = text.trim().slice(0, 64);
    const wanted = normalised(typed);
    if (wanted === '') return [];
    index ??= names.map((name) => ({
      name,
      whole: normalised(name),
      last: lastPart(normalised(name)),
      link: Object.hasOwn(data.links, name),
    }));
    const known = index;
    const ways = [
      () => namesOf(known.filter(({ whole }) => whole === wanted)),
      () => byOffset(data, typed),
      () => byAbbreviation(data, typed.toUpperCase()),
      () => byCountry(data, typed.toUpperCase()),
      () => byCity(known, wanted),
      () => byLikeness(known, wanted),
    ];
    for (const way of ways) {
      const found = way().filter((name) => names.includes(name));
      if (found.length > 0) return found.slice(0, MOST);
    }
    return [];
  };
}

/** `São Paulo` and `sao_paulo` are one. */
function normalised(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s_]+/g, '_');
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

const namesOf = (known: readonly KnownName[]): readonly string[] => known.map(({ name }) => name);

/** Zones before the links that have other names for them. */
const zonesFirst = (known: readonly KnownName[]): readonly string[] =>
  namesOf(known.toSorted((a, b) => Number(a.link) - Number(b.link)));

/** `UTC+2`, `GMT-03:30`, `+0545`: zones that keep this offset all year, the nameless one first. */
function byOffset(data: ZoneData, typed: string): readonly string[] {
  const match = /^(?:utc|gmt|z)?\s*([+-]|\u2212)\s*(\d{1,2})(?::?([0-5]\d))?$/i.exec(typed);
  if (!match) return [];
  const [, sign, hours, minutes = '0'] = match;
  const size = Number(hours) * 3_600 + Number(minutes) * 60;
  const offset = sign === '+' ? size : -size;
  const steady = Object.keys(data.zones).filter((name) => {
    const rule = parsePosixRule(data.zones[name]?.rule ?? '');
    return rule.daylight === null && rule.standardOffset === offset;
  });
  return [...steady.filter(isNameless), ...steady.filter((name) => !isNameless(name))];
}

const isNameless = (name: string): boolean => name.startsWith('Etc/');

function byCountry(data: ZoneData, code: string): readonly string[] {
  return new Map(Object.entries(data.countries)).get(code) ?? [];
}

function byAbbreviation(data: ZoneData, typed: string): readonly string[] {
  const preferred = ABBREVIATIONS.get(typed);
  if (preferred !== undefined) return preferred;
  if (!/^[A-Z]{3,5}$/.test(typed)) return [];
  return Object.keys(data.zones).filter((name) => {
    const rule = data.zones[name]?.rule ?? '';
    return rule.startsWith(typed) && /^[-+\d]/.test(rule.slice(typed.length));
  });
}

/** `Paris`, `Europe/Berlin, Germany`, `New York City`: a name's last part stands in the text as a word or more. */
function byCity(known: readonly KnownName[], wanted: string): readonly string[] {
  const city = lastPart(wanted);
  const whole = known.filter(({ last }) => last === city);
  if (whole.length > 0) return zonesFirst(whole);
  const words = `_${wanted.replace(/[^\p{L}\p{N}]+/gu, '_')}_`;
  return zonesFirst(known.filter(({ last }) => last.length > 3 && words.includes(`_${last}_`)));
}

/** Names, whole or by their last part, that are a few slips of the finger away from the text. */
function byLikeness(known: readonly KnownName[], wanted: string): readonly string[] {
  const allowed = Math.min(3, Math.floor(wanted.length / 4));
  const city = lastPart(wanted);
  const near = known
    .map((candidate) => ({
      candidate,
      slips: Math.min(
        slipsBetween(candidate.whole, wanted, allowed),
        slipsBetween(candidate.last, city, allowed),
      ),
    }))
    .filter(({ slips }) => slips <= allowed);
  const nearest = Math.min(...near.map(({ slips }) => slips));
  return zonesFirst(near.filter(({ slips }) => slips === nearest).map(({ candidate }) => candidate));
}
