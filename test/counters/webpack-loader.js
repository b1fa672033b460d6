'use strict';

const { instrument } = require('./instrument');

/** The counters that Jest's transform would add, for the bundle of the workflows. */
module.exports = function withCounters(source) {
  return instrument(source, this.resourcePath).code;
};
