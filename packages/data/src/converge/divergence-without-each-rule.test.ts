import fc from 'fast-check';
import { wrongWith } from '../testing/converge/checks.ts';
import { differ } from '../testing/converge/differ.ts';
import {
  aDeleteBesideAnUnseenInsert,
  aDeleteOfTheDead,
  aFrozenRowUnderATombstone,
  aNewNodeNobodyCounts,
  anUnseenKeyChange,
} from '../testing/converge/histories.ts';
import { always, type Question } from '../testing/converge/property.ts';
import { without } from '../testing/converge/without.ts';
import { RULES, type RuleName } from './rules.ts';

/** Rules that say nothing of rows, or whose absence shows too seldom in random histories; each has a test of its own. */
const OTHERS: readonly RuleName[] = [
  'oneSide',
  'joinCounted',
  'frozenOutlives',
  'lateRecheck',
  'askVisible',
  'repairByProgress',
];
const NAMES = (Object.keys(RULES) as RuleName[]).filter((rule) => !OTHERS.includes(rule));

/** Of rules that few random histories need: where one of them comes early. With any other seed it comes later. */
const SEEDS: Partial<Record<RuleName, number>> = {
  nullOldest: 3,
  oneApplier: 24,
  clockWait: 7,
  openingWait: 45,
  askAlways: 157,
  expiryByArrival: 72,
  repair: 5,
};

const fails = (rule: RuleName, question: Question): boolean =>
  fc.check(always(without(rule), question), { numRuns: 50_000, seed: SEEDS[rule] ?? 1, endOnFailure: true }).failed;

describe('without the rule', () => {
  it.each(NAMES)('%s, two nodes end different', (rule) => {
    expect(fails(rule, differ)).toBe(true);
  });

  it('joinCounted, two nodes end different: a peer forgets a delete that the new node did not know', () => {
    expect(differ(aNewNodeNobodyCounts(without('joinCounted')))).toContain('users ["1"]');
    expect(wrongWith(aNewNodeNobodyCounts(RULES))).toBeUndefined();
  });

  it('frozenOutlives, two nodes end different: a delete finds a row that counts as deleted already', () => {
    expect(differ(aFrozenRowUnderATombstone(without('frozenOutlives')))).toContain('users ["1"]');
    expect(wrongWith(aFrozenRowUnderATombstone(RULES))).toBeUndefined();
  });

  it('lateRecheck, two nodes end different: a delete finds neither the row nor a lock of an insert nobody sees yet', () => {
    expect(differ(aDeleteBesideAnUnseenInsert(without('lateRecheck')))).toContain('items ["1"]');
    expect(wrongWith(aDeleteBesideAnUnseenInsert(RULES))).toBeUndefined();
  });

  it('askVisible, two nodes end different: the sender does not see yet what it has sent', () => {
    expect(differ(anUnseenKeyChange(without('askVisible')))).toContain('items ["2"]');
    expect(wrongWith(anUnseenKeyChange(RULES))).toBeUndefined();
  });

  it('repairByProgress, a row comes back that was deleted', () => {
    expect(wrongWith(aDeleteOfTheDead(without('repairByProgress')))).toContain('users ["1"] is there and must not be');
    expect(wrongWith(aDeleteOfTheDead(RULES))).toBeUndefined();
  });

  it('oneSide, a change is recorded on several nodes', () => {
    expect(fails('oneSide', wrongWith)).toBe(true);
  });
});
