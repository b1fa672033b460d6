import type { Frame } from './cpu-profile';

export interface Share {
  readonly what: string;
  /** Of all time that was not idle, 0 to 1. */
  readonly share: number;
}

/** Functions by the time spent in themselves, whoever called them. */
export function hotFunctions(root: Frame, most: number): Share[] {
  return sharesBy(root, ({ name, place }) => `${name} ${place}`.trim(), most);
}

/** Packages, rooms of ours, and modules of Node, by the time spent in their functions. */
export function hotPackages(root: Frame, most: number): Share[] {
  return sharesBy(root, ownerOf, most);
}

function sharesBy(root: Frame, key: (frame: Frame) => string, most: number): Share[] {
  const sums = new Map<string, number>();
  const add = (frame: Frame): void => {
    if (frame.self > 0) sums.set(key(frame), (sums.get(key(frame)) ?? 0) + frame.self);
    frame.callees.forEach(add);
  };
  add(root);
  return [...sums]
    .map(([what, time]) => ({ what, share: root.total === 0 ? 0 : time / root.total }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, most);
}

/** `@temporalio/worker`, `pg`, `node:net`, `activities`; native code by its own name. */
function ownerOf({ name, place }: Frame): string {
  if (place === '') return name.startsWith('(') ? name : 'native';
  if (place.startsWith('node:')) return place.split('/').slice(0, 2).join('/');
  const [first = '', second = ''] = place.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
