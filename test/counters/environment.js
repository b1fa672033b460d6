'use strict';

const { TestEnvironment } = require('jest-environment-node');

/** Files whose maps this process has handed over already, by run. */
const known = new Set();

/**
 * Hands Jest only the numbers of a file's counters, once this process has told what they stand for: the maps are the
 * same after every test file, and to copy, send and compare them took a tenth of the time of the tests of the API.
 * `reporter.js`, which announces itself by the variable, adds the numbers up.
 */
module.exports = class CountingEnvironment extends TestEnvironment {
  async handleTestEvent({ name }) {
    const run = process.env.SUNDIAL_COUNTERS;
    if (name !== 'teardown' || run === undefined) return;
    const counters = this.global.__coverage__ ?? {};
    for (const [file, { hash, s, f, b }] of Object.entries(counters)) {
      const told = `${run} ${hash} ${file}`;
      if (known.has(told)) {
        counters[file] = { s: Object.values(s), f: Object.values(f), b: Object.values(b) };
      }
      known.add(told);
    }
  }
};
