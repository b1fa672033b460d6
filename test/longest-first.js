'use strict';

const path = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

/** Tests that take servers away, build an image or start whole products: mostly they wait. */
const LONG = [
  'test/outages/',
  'test/deploy/',
  'test/steward/',
  'test/stack/',
  'temporal-dev/demo/',
  'bench/',
  'test/',
];

/**
 * Without the times of an earlier run, Jest begins with the largest file, and a long one that comes last keeps one
 * core waiting.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's method
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
};

function rank(test) {
  const file = path.relative(test.context.config.rootDir, test.path);
  const long = LONG.findIndex((folder) => file.startsWith(folder));
  return long === -1 ? LONG.length : long;
}
