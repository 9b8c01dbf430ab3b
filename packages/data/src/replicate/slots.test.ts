import { isNearlyLost } from './slots.ts';

const slot = { peer: 2, name: 'x', exists: true, active: false, walStatus: 'reserved' };

it.each([
  [undefined, 1000, false],
  [67, 33, false],
  [33, 67, true],
  [-5, 105, true],
])('with %s bytes left and %s kept it is nearly lost: %s', (safeWalSize, retainedBytes, expected) => {
  expect(isNearlyLost({ ...slot, safeWalSize, retainedBytes })).toBe(expected);
});
