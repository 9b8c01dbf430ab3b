const base = require('../jest.base.cjs');
/** docker-compose.yml, started by the tests themselves, on the ports of the stack under test (src/stack.ts). */
module.exports = { ...base, rootDir: __dirname, testMatch: ['**/*.ctest.ts'], testTimeout: 400000 };
