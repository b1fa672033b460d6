import { MINUTE, SECOND } from '../domain/time/instant';
import type { Screen } from '../temporal-dev/demo/screen';
import { judge } from './invariants/all';
import { drawPlan } from './plan/plan';
import { openRecords } from './records';
import { held, planText, replayCommand, type Report, reportLines, reportOf } from './report';
import { runRound } from './round/round';

export interface RoundsTerms {
  readonly seed: number;
  readonly people: number;
  /** After so many minutes no further round begins; 0 is one round. */
  readonly minutes: number;
  readonly screen: Screen;
  /** Where `chaos/<seed>` is kept. */
  readonly folder: string;
  readonly interrupted: AbortSignal;
}

/** Runs one round after the other, each under the next seed, until the time is over or a promise is broken. */
export async function runRounds(terms: RoundsTerms): Promise<Report[]> {
  const { minutes, screen } = terms;
  const reports: Report[] = [];
  const until = performance.now() + minutes * MINUTE;
  for (let { seed } = terms; ; seed += 1) {
    const report = await oneRound(terms, seed);
    reports.push(report);
    screen.say(...reportLines(report), '');
    if (!held(report) || performance.now() >= until) return reports;
  }
}

async function oneRound({ people, screen, folder, interrupted }: RoundsTerms, seed: number): Promise<Report> {
  const plan = drawPlan(seed, people);
  const records = openRecords(folder, plan);
  screen.say(...planText(plan));
  const began = performance.now();
  const note = (line: string): void => {
    records.tell(line);
    screen.say(`${((performance.now() - began) / SECOND).toFixed(1).padStart(7)} s  ${line}`);
  };
  const evidence = await runRound({
    plan,
    note,
    interrupted,
    progress: (reached) => screen.progress({ label: 'Reached', done: reached, total: people, note: '' }),
    parting: (logs) => records.keepLogs(logs),
  }).catch((error: unknown) => {
    if (!interrupted.aborted) note(`The round did not come to its end. Again: ${replayCommand(plan)}`);
    throw error;
  });
  const report = reportOf(plan, evidence, judge(evidence), (performance.now() - began) / SECOND);
  records.keepReport(report);
  screen.say(`Plan, story, report and logs are in ${records.folder}.`);
  return report;
}
