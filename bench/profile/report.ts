import { writeFileSync } from 'node:fs';
import type { Screen } from '../../temporal-dev/demo/screen';
import { callTree, type CpuProfile } from './cpu-profile';
import { flameGraph } from './flame-graph';
import { hotFunctions, hotPackages, type Share } from './hot-frames';

const MOST_TOLD = 12;

/** Draws the flame graph beside the profile, and says where both are and what is in them. */
export function reportProfile(
  profile: CpuProfile,
  file: string,
  bench: string,
  screen: Pick<Screen, 'say'>,
): void {
  const root = callTree(profile);
  const graph = file.replace(/\.cpuprofile$/, '.svg');
  writeFileSync(graph, flameGraph(root, `bench ${bench}: ${Math.round(root.total / 1_000)} ms of work`));
  screen.say(
    `Flame graph: ${graph}`,
    `CPU profile: ${file} (opens in the developer tools of Chrome, VS Code, speedscope)`,
    `${Math.round(root.total / 1_000)} ms of work, by package:`,
    ...hotPackages(root, MOST_TOLD).map(lineOf),
    'By function, itself:',
    ...hotFunctions(root, MOST_TOLD).map(lineOf),
  );
}

function lineOf({ what, share }: Share): string {
  return `${`${(share * 100).toFixed(1)} %`.padStart(8)}  ${what}`;
}
