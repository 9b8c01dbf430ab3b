/** Random faults on the lab: bin/chaos. */
module.exports = {
  ...require('./jest.lab.cjs'),
  testMatch: ['<rootDir>/src/chaos/*.test.ts'],
  testTimeout: 24 * 3600 * 1000,
};
