'use strict';

const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const swc = require('@swc/jest');
const { instrument } = require('./instrument');

const typescript = swc.createTransformer();
const own = createHash('sha1')
  .update(readFileSync(require.resolve('./instrument')))
  .digest('hex');

const counted = (source, file, options) => (options.instrument ? instrument(source, file).code : source);

/** TypeScript for Jest, with counters when coverage is asked for. */
module.exports = {
  canInstrument: true,
  process: (source, file, options) => typescript.process(counted(source, file, options), file, options),
  processAsync: (source, file, options) =>
    typescript.processAsync(counted(source, file, options), file, options),
  getCacheKey: (source, file, options) =>
    `${typescript.getCacheKey(source, file, options)}${options.instrument ? own : ''}`,
};
