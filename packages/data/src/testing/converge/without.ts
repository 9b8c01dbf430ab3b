import { RULES, type RuleName, type Rules } from '../../converge/rules.ts';

/** The rules but one. Only tests can make such a set, and only with this cast. */
export function without(rule: RuleName): Rules {
  return { ...RULES, [rule]: false } as unknown as Rules;
}
