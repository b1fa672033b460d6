'use strict';

const { randomUUID } = require('node:crypto');

/** Adds up what test files count (`environment.js`), and hands the sum to Jest's own reporter with the last of them. */
module.exports = class CounterReporter {
  files = {};
  seen = 0;

  constructor() {
    process.env.SUNDIAL_COUNTERS = randomUUID();
  }

  onTestResult(_test, result, { numTotalTestSuites }) {
    this.seen += 1;
    for (const [file, counters] of Object.entries(result.coverage ?? {})) this.add(file, counters);
    result.coverage = this.seen === numTotalTestSuites ? this.files : undefined;
  }

  add(file, counters) {
    const sum = this.files[file];
    if (sum === undefined) {
      // Numbers alone say nothing: who was to tell what they stand for has died.
      if (counters.statementMap !== undefined) this.files[file] = counters;
      return;
    }
    for (const [n, times] of Object.entries(counters.s)) sum.s[n] += times;
    for (const [n, times] of Object.entries(counters.f)) sum.f[n] += times;
    for (const [n, ways] of Object.entries(counters.b)) {
      for (const [way, times] of ways.entries()) sum.b[n][way] += times;
    }
  }
};
