process.env.WINDLASS_E2E_API ??= `http://127.0.0.1:${process.env.WINDLASS_HTTP_PORT ?? '26000'}`;
const base = require('../jest.base.cjs');
/** Against three hosts (bin/lab). WINDLASS_E2E_KEEP leaves them running, WINDLASS_LAB_ALL adds the tests that take long. */
module.exports = {
  ...base,
  rootDir: __dirname,
  testMatch: [`<rootDir>/src/lab/*.${process.env.WINDLASS_LAB_ALL ? '{test,ltest}' : 'test'}.ts`],
  testTimeout: 300000,
  globalSetup: './src/lab/set-up.ts',
  globalTeardown: './src/lab/tear-down.ts',
};
