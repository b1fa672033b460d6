import { appendFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Plan } from './plan/plan';
import { planText, type Report, reportLines } from './report';

/** What is kept of a round, in a folder of its seed. */
export interface Records {
  readonly folder: string;
  /** Adds a line to the story of the round. */
  tell(line: string): void;
  keepLogs(logs: string): void;
  keepReport(report: Report): void;
}

/** Opens the folder anew: a seed that runs again replaces what it left before. */
export function openRecords(parent: string, plan: Plan): Records {
  const folder = path.join(parent, 'chaos', String(plan.seed));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const file = (name: string): string => path.join(folder, name);
  writeFileSync(file('plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
  writeFileSync(file('plan.txt'), `${planText(plan).join('\n')}\n`);
  return {
    folder,
    tell: (line) => appendFileSync(file('story.txt'), `${new Date().toISOString()} ${line}\n`),
    keepLogs: (logs) => cpSync(logs, file('logs'), { recursive: true }),
    keepReport(report) {
      writeFileSync(file('report.json'), `${JSON.stringify(report, null, 2)}\n`);
      writeFileSync(file('report.txt'), `${reportLines(report, Number.POSITIVE_INFINITY).join('\n')}\n`);
    },
  };
}
