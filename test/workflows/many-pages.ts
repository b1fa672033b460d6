import type { ScriptedSchedule } from './scripted-schedule';

const PEOPLE_A_PAGE = 1_000;

interface ManyPages {
  /** Pages that were settled, by number, in order. */
  readonly taken: number[];
  /** Runs after each. */
  onPage(): Promise<void> | void;
}

/**
 * An audience of so many pages of a thousand, all due: counted rather than listed, so that a million people cost a
 * test nothing.
 */
export function manyPages(world: ScriptedSchedule, count: number): ManyPages {
  const due = world.opensAt - 3_600_000;
  const left = new Set(Array.from({ length: count }, (_, n) => n));
  const pages: ManyPages = { taken: [], onPage: () => undefined };
  const people = (): number => left.size * PEOPLE_A_PAGE;

  world.activities = {
    ...world.activities,
    planOccurrence: () => {
      world.asked.push('plan');
      if (world.status === 'paused') return Promise.resolve({ kind: 'hold', version: world.version });
      const wave = { at: due, armAt: due, people: people(), zones: 1, zone: 'Test/Zone' };
      return Promise.resolve({
        kind: 'deliver',
        version: world.version,
        waves: left.size === 0 ? [] : [wave],
      });
    },
    cutPages: () =>
      Promise.resolve(
        [...left].map((n) => ({
          after: String(1_000_000_000 + n * PEOPLE_A_PAGE),
          upTo: String(1_000_000_000 + (n + 1) * PEOPLE_A_PAGE),
          people: PEOPLE_A_PAGE,
        })),
      ),
    deliverPage: async ({ range }) => {
      const n = (Number(range.after) - 1_000_000_000) / PEOPLE_A_PAGE;
      if (world.status === 'paused' || !left.delete(n)) return {};
      pages.taken.push(n);
      await pages.onPage();
      return { sent: PEOPLE_A_PAGE };
    },
    closeOccurrence: () => Promise.resolve({ sent: count * PEOPLE_A_PAGE - people() }),
  };
  return pages;
}
