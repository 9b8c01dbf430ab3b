import fc from 'fast-check';
import { always } from '../testing/converge/property.ts';
import { RULES } from './rules.ts';

const CASES = Number(process.env['WINDLASS_CASES'] ?? 100_000);

describe('nodes that follow the rules', () => {
  it('end with equal rows and equal versions, whatever happened', () => {
    fc.assert(always(RULES), { numRuns: CASES });
  }, 600_000);
});
