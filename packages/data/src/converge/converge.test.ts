import fc from 'fast-check';
import { always } from '../testing/converge/property.ts';
import type { Scenario } from '../testing/converge/scenario.ts';
import { RULES } from './rules.ts';

const CASES = Number(process.env['WINDLASS_CASES'] ?? 100_000);

/** Histories that once failed. */
const ONCE: [Scenario][] = [
  // A parked row came back, after a TRUNCATE of another table, beside an insert of its unique value that nobody saw yet.
  [
    {
      world: 2049872657,
      steps: [
        505866482, 1672753302, 262251814, 432643249, 559488803, 1662728699, 619963547, 2009500680, 1574373570, 59936915,
        0, 0, 0, 0,
      ],
    },
  ],
];

describe('nodes that follow the rules', () => {
  it('end with equal rows and equal versions, whatever happened', () => {
    fc.assert(always(RULES), { numRuns: CASES, examples: ONCE });
  }, 600_000);
});
