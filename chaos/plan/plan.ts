import { SECOND } from '../../domain/time/instant';
import { type Fault, type FaultKind, wordsOf } from './fault';
import { createRandom, type Random } from './random';

/** Faults that come close upon each other, once so many people have a mail: the speed of a machine moves none. */
export interface Moment {
  /** Of all people; from 0 to 1. */
  readonly share: number;
  readonly faults: readonly { readonly afterMs: number; readonly fault: Fault }[];
}

/** All that happens in a round, as its seed draws it. */
export interface Plan {
  readonly seed: number;
  readonly people: number;
  /** Such a share of the people has an address that the mail server refuses for good from the first day on. */
  readonly refusedShare: number;
  /** What the mail server takes for a mail, so that an undisturbed campaign lasts as long as `paceOf` says. */
  readonly mailMs: number;
  readonly moments: readonly Moment[];
}

/** Two workers with as many connections each as a worker has. */
const CONNECTIONS = 40;

/** Every kind of fault before any comes twice, those first that a short round must not be without. */
const FIRST: readonly FaultKind[] = ['worker-killed', 'mail-drops', 'postgres-restarted', 'redis-emptied'];
const THEN: readonly FaultKind[] = [
  'temporal-restarted',
  'mail-answers',
  'redis-restarted',
  'mail-hangs',
  'mail-refuses-connections',
  'worker-asked-to-end',
  'campaign-paused',
  'api-killed',
];

/** One fault for so many people, but at least as many as come first, one more than those, and at most two of a kind. */
const PEOPLE_A_FAULT = 1_200;

export function drawPlan(seed: number, people: number): Plan {
  const random = createRandom(seed);
  const all = FIRST.length + THEN.length;
  const count = Math.min(Math.max(Math.ceil(people / PEOPLE_A_FAULT), FIRST.length + 2), 2 * all);
  const kinds = [...FIRST, ...random.shuffle(THEN), ...random.shuffle([...FIRST, ...THEN])].slice(0, count);
  const faults = random.shuffle(kinds).map((kind) => faultOf(kind, random));
  return {
    seed,
    people,
    refusedShare: 0.01,
    mailMs: Math.round((durationMs(people) * CONNECTIONS) / people),
    moments: momentsOf(faults, random),
  };
}

/** Of a campaign that nothing disturbs. */
function durationMs(people: number): number {
  return Math.min(8 * SECOND + people * 3, 60 * SECOND);
}

/** One to three faults a moment, spread over the first nine tenths of the campaign. */
function momentsOf(faults: readonly Fault[], random: Random): Moment[] {
  const groups: Fault[][] = [];
  for (let at = 0; at < faults.length;) {
    const size = random.whole(1, 3);
    groups.push(faults.slice(at, at + size));
    at += size;
  }
  return groups.map((group, index) => ({
    share: rounded(0.04 + (0.84 * (index + random.next() * 0.8)) / groups.length),
    faults: group.map((fault, place) => ({ afterMs: place === 0 ? 0 : random.whole(0, 3_000), fault })),
  }));
}

function faultOf(kind: FaultKind, random: Random): Fault {
  const awayMs = random.whole(300, 4_000);
  const forMs = random.whole(1_000, 5_000);
  switch (kind) {
    case 'worker-killed':
    case 'worker-asked-to-end':
    case 'api-killed':
    case 'redis-restarted':
    case 'temporal-restarted':
      return { kind, awayMs };
    case 'postgres-restarted':
      return { kind, end: random.pick(['at-once', 'killed', 'asked']), awayMs };
    case 'redis-emptied':
      return { kind };
    case 'campaign-paused':
    case 'mail-hangs':
    case 'mail-refuses-connections':
      return { kind, forMs };
    case 'mail-answers': {
      const code = random.pick<421 | 450 | 550>([450, 550, 421]);
      return { kind, code, share: code === 421 ? 1 : random.pick([0.02, 0.1, 0.4]), forMs };
    }
    case 'mail-drops':
      return {
        kind,
        cut: random.pick(['after-the-dot', 'before-the-dot']),
        mails: random.pick([5, 12, 40]),
      };
  }
}

function rounded(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}

/** The plan as lines for people. */
export function planLines({ moments }: Plan): string[] {
  return moments.flatMap(({ share, faults }) =>
    faults.map(
      ({ afterMs, fault }) =>
        `  ${`${(share * 100).toFixed(1)} %`.padStart(7)} + ${(afterMs / SECOND).toFixed(1)} s  ${wordsOf(fault)}`,
    ),
  );
}
