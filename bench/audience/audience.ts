import { parseAudienceQuery } from '../../domain/audience/parse';
import { expandSegments } from '../../domain/audience/segments';
import { ensureDeliveryPartition } from '../../store/partitions';
import type { Bench, BenchRun, Figures } from '../bench';
import { BenchStopped } from '../bench';
import { type Distribution, distributionOf } from '../distribution';
import { rounded } from '../rounded';
import { type Servers, withServers } from '../stack/servers';
import { seedCrowd } from './crowd';
import { offsetPage } from './offset-page';
import { cutPages, dueOn, keysetPage, type Page } from './keyset-pages';

/** What a team asks for: four conditions in two levels, true of about a third of the crowd. */
const QUERY = {
  all: [
    { planIn: ['premium', 'team'] },
    { lastLoginAfter: '2026-02-01' },
    { any: [{ country: 'DE' }, { scoreGte: 400 }] },
    { not: { tags: 'dormant' } },
  ],
};
const PAGE_SIZE = 10_000;
const DAY = '2026-12-01';
/** Walks through the whole audience: a single one has too few pages for a 99th percentile. */
const WALKS = 3;
/** Spread over the whole audience, because the later ones are the slower. */
const OFFSET_EVERY = 4;

export const audience: Bench = {
  name: 'audience',
  about: `pages of ${PAGE_SIZE} people by a compound condition; against the same pages by offset`,
  size: {
    option: 'recipients',
    usual: 1_000_000,
    least: 100,
    most: 20_000_000,
    meaning: 'people in the database, about a third of whom the condition is true of',
  },
  run: (run) => withServers(run, (servers) => measure(run, servers)),
};

async function measure(run: BenchRun, { db }: Servers): Promise<Figures> {
  const { size, screen, profiling, interrupted } = run;
  const parsed = parseAudienceQuery(QUERY);
  if (parsed.kind === 'refused')
    throw new BenchStopped(`The query is refused: ${JSON.stringify(parsed.errors)}`);
  const condition = expandSegments(parsed.condition, new Map());
  await seedCrowd(db, size, (done) => screen.progress({ label: 'People', done, total: size, note: '' }));
  await ensureDeliveryPartition(db, DAY);
  const endProfile = await profiling.beginHere();
  const walks: Page[][] = [];
  const cuts: number[] = [];
  for (let walk = 0; walk < WALKS; walk += 1) {
    const pages: Page[] = [];
    const due = dueOn(DAY, condition);
    const { ranges, ms } = await cutPages(db, due, PAGE_SIZE);
    cuts.push(ms);
    for (const range of ranges) {
      interrupted.throwIfAborted();
      pages.push(await keysetPage(db, due, range, PAGE_SIZE));
    }
    walks.push(pages);
    screen.progress({ label: 'Walks', done: walk + 1, total: WALKS, note: '' });
  }
  await endProfile();
  const [walked = []] = walks;
  const baseline: Page[] = [];
  for (let n = 0; n < walked.length; n += OFFSET_EVERY) {
    interrupted.throwIfAborted();
    const page = await offsetPage(db, condition, n * PAGE_SIZE, PAGE_SIZE);
    expectSame(page, walked[n]);
    baseline.push(page);
    screen.progress({ label: 'Offset', done: n + 1, total: walked.length, note: '' });
  }
  const [ours, theirs] = [timesOf(walks.flat()), timesOf(baseline)];
  return {
    p50Ms: ours.at(50),
    p99Ms: ours.at(99),
    cutMs: distributionOf(cuts, 1).at(50),
    baselineP50Ms: theirs.at(50),
    baselineP99Ms: theirs.at(99),
    ratio: rounded(theirs.at(50) / ours.at(50), 2),
    pages: walked.length,
    people: walked.reduce((sum, { people }) => sum + people, 0),
  };
}

/** The last page of a walk is short, and says nothing of the others; unless there is no other. */
function timesOf(pages: readonly Page[]): Distribution {
  const full = pages.filter(({ people }) => people === PAGE_SIZE);
  return distributionOf(
    (full.length > 0 ? full : pages).map(({ ms }) => ms),
    1,
  );
}

function expectSame(byOffset: Page, byKeyset: Page | undefined): void {
  if (byKeyset?.first === byOffset.first && byKeyset.people === byOffset.people) return;
  throw new BenchStopped('A page by offset holds other people than by keyset: there is nothing to compare.');
}
