import { callTree } from './cpu-profile';
import type { CpuProfile } from './cpu-profile';
import { flameGraph } from './flame-graph';
import { hotFunctions, hotPackages } from './hot-frames';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
  children,
});

/** `page` calls `query`, which writes; two thirds of the time nothing is to be done. */
const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 3]),
    node(2, '(idle)', ''),
    node(3, 'page', `${process.cwd()}/activities/page.js`, [4]),
    node(4, 'query', '/somewhere/node_modules/pg/lib/client.js', [5]),
    node(5, 'write<T>', 'node:internal/net'),
  ],
  samples: [2, 3, 4, 5, 5, 2],
  timeDeltas: [0, 4_000, 1_000, 2_000, 3_000, 1_000, 4_000],
};

describe('a profile', () => {
  it('is a tree of calls with their own and their whole time, without the idle', () => {
    const root = callTree(profile);
    const [page] = root.callees;
    expect(root.callees).toHaveLength(1);
    expect(page).toMatchObject({ name: 'page', place: 'activities/page.js:10', self: 1_000, total: 7_000 });
    expect(page?.callees).toMatchObject([{ name: 'query', place: 'pg/lib/client.js:10', self: 2_000 }]);
    expect(root.total).toBe(7_000);
  });

  it('tells which functions, and which packages, the time was spent in', () => {
    const root = callTree(profile);
    expect(hotFunctions(root, 2)).toEqual([
      { what: 'write<T> node:internal/net', share: 4 / 7 },
      { what: 'query pg/lib/client.js:10', share: 2 / 7 },
    ]);
    expect(hotPackages(root, 9).map(({ what }) => what)).toEqual(['node:internal/net', 'pg', 'activities']);
  });

  it('is drawn as one file: a box a call, as wide as its time, names escaped', () => {
    const svg = flameGraph(callTree(profile), 'bench of <this>');
    expect(svg).toMatch(/^<svg [^>]*width="1600"/);
    expect(svg).toContain('bench of &lt;this&gt;');
    expect(svg).toContain('write&lt;T&gt; node:internal/net\n57.1 %, 4 ms, itself 4 ms');
    const widths = [...svg.matchAll(/<g>.*?width="([\d.]+)"/gs)].map(([, width]) => Number(width));
    expect(widths).toEqual([1_600, 1_600, 1_371.4, 914.3]);
    expect(svg).not.toMatch(/href|<script/);
  });

  it('of nothing is refused', () => {
    expect(() => callTree({ nodes: [] })).toThrow('The profile is empty.');
  });
});
