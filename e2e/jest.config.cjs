const base = require('../jest.base.cjs');
/** Against a stack of its own (src/stack.ts), beside whatever else runs on the machine. */
module.exports = {
  ...base,
  rootDir: __dirname,
  testPathIgnorePatterns: ['/src/lab/', '/src/chaos/'],
  testTimeout: 300000,
  globalSetup: './src/global-setup.ts',
  globalTeardown: './src/global-teardown.ts',
};
