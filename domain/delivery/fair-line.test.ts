import { createFairLine } from './fair-line';
import type { FairLine } from './fair-line';
import type { Priority } from './priority';

function lineOf(...parties: [name: string, tenantId: number, priority: Priority][]): FairLine<string> {
  const line = createFairLine<string>();
  for (const [name, tenantId, priority] of parties) line.join(name, { tenantId, priority });
  return line;
}

function drain(line: FairLine<string>): string[] {
  const order: string[] = [];
  for (let one = line.next(); one !== undefined; one = line.next()) order.push(one);
  return order;
}

const crowd = (count: number, name: string, tenantId: number, priority: Priority) =>
  Array.from({ length: count }, (_, n): [string, number, Priority] => [`${name}${n}`, tenantId, priority]);

describe('a fair line', () => {
  it('serves one tenant in the order of coming', () => {
    expect(drain(lineOf(['a', 1, 3], ['b', 1, 3], ['c', 1, 3]))).toEqual(['a', 'b', 'c']);
  });

  it('has nobody next when nobody waits', () => {
    const line = lineOf(['a', 1, 3]);
    line.next();
    expect(line.next()).toBeUndefined();
  });

  it('lets who is urgent pass a crowd that came before', () => {
    const line = lineOf(...crowd(1_000, 'page', 1, 3), ['code', 1, 1]);
    expect(line.next()).toBe('code');
  });

  it('gives tenants their turns, however many wait of one', () => {
    const line = lineOf(...crowd(1_000, 'big', 1, 3), ['small0', 2, 3], ['small1', 2, 3]);
    expect([1, 2, 3, 4].map(() => line.next())).toEqual(['big0', 'small0', 'big1', 'small1']);
  });

  it('takes the more pressing of one tenant first, which brings it no turn of another', () => {
    const line = lineOf(['later', 1, 5], ['soon', 1, 2], ['other', 2, 4]);
    expect(drain(line)).toEqual(['soon', 'other', 'later']);
  });

  it('gives urgent ones of several tenants turns as well', () => {
    const line = lineOf(...crowd(5, 'loud', 1, 1), ['code', 2, 1]);
    expect([line.next(), line.next()]).toEqual(['loud0', 'code']);
  });

  it('leaves others one turn in ten when everything is called urgent', () => {
    const line = lineOf(...crowd(30, 'loud', 1, 1), ['calm0', 2, 3], ['calm1', 2, 3]);
    const order = drain(line);
    expect([order.indexOf('calm0'), order.indexOf('calm1')]).toEqual([9, 19]);
    expect(order).toHaveLength(32);
  });
});
