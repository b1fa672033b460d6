'use strict';

const path = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

/** Tests that take servers away, or workers: most of their time they wait for a lease, a back-off, a server. */
const WAITING = ['test/steward/', 'chaos/round/', 'test/outages/', 'test/stack/', 'test/unknown/'];

/** Long ones that keep a core busy: an image is built, whole products are started, many workflows run. */
const BUSY = [
  'test/deploy/',
  'test/e2e/',
  'test/workflows/',
  'temporal-dev/demo/demo.test.ts',
  'bench/',
  'test/',
];

/** So many busy files begin after each waiting one: with three processes on two cores, one of them waits. */
const BUSY_BESIDE_A_WAITING_ONE = 2;

/**
 * Without the times of an earlier run, Jest begins with the largest file, and a long one that comes last keeps one
 * core waiting, as do long waiting ones beside each other.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's method
    const sorted = super.sort(tests);
    const waiting = sorted.filter((test) => rank(test, WAITING) < WAITING.length);
    const others = sorted.filter((test) => !waiting.includes(test));
    waiting.sort((a, b) => rank(a, WAITING) - rank(b, WAITING));
    others.sort((a, b) => rank(a, BUSY) - rank(b, BUSY));
    return waiting.flatMap((test) => [test, ...others.splice(0, BUSY_BESIDE_A_WAITING_ONE)]).concat(others);
  }
};

/** The place of a file's folder in the list, or its length. */
function rank(test, folders) {
  const file = path.relative(test.context.config.rootDir, test.path);
  const found = folders.findIndex((folder) => file.startsWith(folder));
  return found === -1 ? folders.length : found;
}
