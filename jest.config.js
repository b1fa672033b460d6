'use strict';

/** One stack a run (see test/global-setup.ts), a template database a test file (test/database.ts). */
module.exports = {
  rootDir: __dirname,
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.sundial/'],
  watchPathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.sundial/', '<rootDir>/coverage/'],
  testEnvironment: '<rootDir>/test/counters/environment.js',
  reporters: ['default', '<rootDir>/test/counters/reporter.js'],
  transform: { '^.+\\.ts$': '<rootDir>/test/counters/transform.js' },
  // One more than the two cores of a small machine: a third of the time of all tests is waiting for servers.
  maxWorkers: 3,
  // Each test file leaves some memory behind in the process that ran it.
  workerIdleMemoryLimit: '1GB',
  testSequencer: '<rootDir>/test/longest-first.js',
  testTimeout: 60_000,
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  // The babel provider counts what workflow bundles executed in their sandbox; V8's cannot see in there.
  coverageProvider: 'babel',
  collectCoverageFrom: [
    '{domain,workflows,activities,commands,channels,store,api,platform,worker,prisma,temporal-dev,bench,chaos}/**/*.ts',
    '!**/*.test.ts',
    '!**/*.d.ts',
    '!store/generated/**',
  ],
  coverageReporters: ['text-summary', 'json-summary', 'lcovonly'],
  coverageThreshold: { global: { lines: 80, branches: 80 } },
};
