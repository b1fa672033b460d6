import { judge } from '../invariants/all';
import { secondCopies } from '../invariants/inbox';
import { drawPlan } from '../plan/plan';
import { runRound } from './round';

it('a round of 400 people keeps every promise while workers, servers and mails die', async () => {
  const plan = drawPlan(2145, 400);
  const story: string[] = [];
  const evidence = await runRound({
    plan,
    note: (line) => story.push(line),
    interrupted: new AbortController().signal,
    progress: () => undefined,
    parting: () => undefined,
  });
  const broken = judge(evidence).filter(({ violations }) => violations.length > 0);
  expect({ broken, story: broken.length > 0 ? story : [] }).toEqual({ broken: [], story: [] });
  expect(evidence.outcomes).toHaveLength(800);
  expect(evidence.kills).toHaveLength(1);
  const { found, most } = secondCopies(evidence);
  expect(found).toBeLessThanOrEqual(most);
}, 400_000);
