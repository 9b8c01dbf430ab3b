process.env.WINDLASS_E2E_API ??= `http://127.0.0.1:${process.env.WINDLASS_HTTP_PORT ?? '26000'}`;
const base = require('../jest.base.cjs');
/** Against three hosts (bin/lab). WINDLASS_E2E_KEEP leaves them running. */
module.exports = {
  ...base,
  rootDir: __dirname,
  testMatch: ['<rootDir>/src/lab/*.test.ts'],
  testTimeout: 300000,
  globalSetup: './src/lab/set-up.ts',
  globalTeardown: './src/lab/tear-down.ts',
};
