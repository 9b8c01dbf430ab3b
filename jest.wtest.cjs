const base = require('./jest.base.cjs');
/** Workflows on a real Temporal server of their own, with activities made up by each test; and replays of recorded histories. */
module.exports = {
  ...base,
  testMatch: ['**/*.wtest.ts'],
  globalSetup: '<rootDir>/src/testing/bundle-once.ts',
  globalTeardown: '<rootDir>/src/testing/remove-bundle.ts',
};
