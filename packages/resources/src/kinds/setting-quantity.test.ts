import { sameQuantity } from './setting-quantity.ts';

const cases: readonly (readonly [string, string, string | null, boolean, boolean])[] = [
  ['16384', '16MB', 'kB', true, true],
  ['16384', '16 MB', 'kB', true, true],
  ['16384', '0.015625GB', 'kB', true, true],
  ['16384', '17MB', 'kB', true, false],
  ['16384', '128MB', '8kB', true, true],
  ['900', '15min', 's', true, true],
  ['5000', '5s', 'ms', true, true],
  ['5000', '5000', 'ms', true, true],
  ['1', '1kB', 'ms', true, false],
  ['-1', '-1', 'kB', true, true],
  ['16', '0x10', null, true, true],
  ['8', '010', null, true, true],
  ['0.9', '.9', null, false, true],
  ['0.9', '0.8', null, false, false],
  ['200', 'many', null, true, false],
];

describe('sameQuantity', () => {
  it.each(cases)('%s is shown for %s in %s (whole: %s): %s', (setting, declared, unit, whole, same) => {
    expect(sameQuantity(setting, declared, unit, whole)).toBe(same);
  });
});
