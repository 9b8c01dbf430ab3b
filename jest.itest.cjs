const base = require('./jest.base.cjs');
/** Tests against real parts: Docker, etcd, Patroni, Postgres. */
module.exports = { ...base, testMatch: ['**/*.itest.ts'], testTimeout: 120000 };
