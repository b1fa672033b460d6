import type { Evidence } from './evidence/evidence';
import { secondCopies } from './invariants/inbox';
import type { Finding } from './invariants/invariant';
import { type Plan, planLines } from './plan/plan';

/** What a round came to. */
export interface Report {
  readonly seed: number;
  readonly people: number;
  readonly faults: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly mails: number;
  readonly secondCopies: number;
  /** How many there could have been, by what was left unanswered or in flight at a kill. */
  readonly mostSecondCopies: number;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

export function reportOf(
  plan: Plan,
  evidence: Evidence,
  findings: readonly Finding[],
  seconds: number,
): Report {
  const outcomes: Record<string, number> = {};
  for (const { state } of evidence.outcomes) outcomes[state] = (outcomes[state] ?? 0) + 1;
  const { found, most } = secondCopies(evidence);
  return {
    seed: plan.seed,
    people: plan.people,
    faults: plan.moments.reduce((sum, { faults }) => sum + faults.length, 0),
    outcomes,
    mails: evidence.mail.mails.length,
    secondCopies: found,
    mostSecondCopies: most,
    findings,
    seconds,
  };
}

export function held({ findings }: Pick<Report, 'findings'>): boolean {
  return findings.every(({ violations }) => violations.length === 0);
}

/** Of each broken promise, so many cases: the folder of the round has all of them. */
const CASES_SHOWN = 5;

export function reportLines(report: Report, cases = CASES_SHOWN): string[] {
  const outcomes = Object.entries(report.outcomes).map(([state, people]) => `${people} ${state}`);
  return [
    `Seed ${report.seed}: ${report.people} people in two campaigns, ${report.faults} faults, ${Math.round(report.seconds)} s.`,
    `  ${outcomes.join(', ')}; ${report.mails} mails, ${report.secondCopies} of them second copies of at most ${report.mostSecondCopies}.`,
    ...report.findings.flatMap(({ sentence, violations }) => [
      `  ${violations.length === 0 ? 'held  ' : 'BROKEN'}  ${sentence}`,
      ...violations.slice(0, cases).map((line) => `            ${line}`),
      ...(violations.length > cases ? [`            and ${violations.length - cases} more`] : []),
    ]),
    ...(held(report) ? [] : [`Again: ${replayCommand(report)}`]),
  ];
}

export function replayCommand({ seed, people }: Pick<Report, 'seed' | 'people'>): string {
  return `npm run chaos -- --seed ${seed} --people ${people}`;
}

export function planText(plan: Plan): string[] {
  return [`The plan of seed ${plan.seed}, by the share of people who have a mail:`, ...planLines(plan)];
}
