import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in ticks of a hundredth of a second, whatever the kernel's own clock. */
const TICK_US = 10_000;

/**
 * Processor time, in microseconds, of a process and of all that it has started, whoever of them has ended meanwhile.
 * Undefined where there is no /proc that tells, or no such process.
 */
export function cpuUsOfTree(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => timesOf(name) ?? []);
  const root = all.find((one) => one.pid === pid);
  if (root === undefined) return undefined;
  const tree = new Set([pid]);
  // Parents may come after their children: once more for as long as somebody was found.
  for (let before = 0; before < tree.size;) {
    before = tree.size;
    for (const one of all) if (tree.has(one.parent)) tree.add(one.pid);
  }
  return all.filter((one) => tree.has(one.pid)).reduce((sum, { ticks }) => sum + ticks, 0) * TICK_US;
}

interface Times {
  readonly pid: number;
  readonly parent: number;
  /** Its own, and those of its children that have ended. */
  readonly ticks: number;
}

function timesOf(pid: string): Times | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name, in brackets, may hold blanks; then state, parent, and from the 14th field on user, system, and of children.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid: Number(pid), parent: Number(fields[1]), ticks };
}
