import { keys } from '../keys.ts';
import { isFirstSealed } from '../secrets/secret-box.ts';
import type { Migration } from './migration.ts';

/**
 * Secrets that had a data key each are sealed with that of their owner. One that no master key opens stays as it is: it could not be read
 * before, either.
 */
export const secretsByOwner: Migration = {
  version: 2,
  name: 'one data key for the secrets of each entity',
  oldestReader: 2,
  prefix: keys.secret(''),
  change: async (key, value, box) => {
    if (!isFirstSealed(value)) return [];
    const name = key.slice(keys.secret('').length);
    const text = await box.open(name, value).catch(() => undefined);
    if (text === undefined) return [];
    const { values, claim } = await box.seal([[name, text]]);
    return { ...claim, writes: [...claim.writes, { put: key, value: values[0] }] };
  },
};
