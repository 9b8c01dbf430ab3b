import fc from 'fast-check';
import type { Rules } from '../../converge/rules.ts';
import { wrongWith } from './checks.ts';
import { Play, type Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** Random histories. A shorter one, of smaller numbers, is a simpler one. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  world: fc.noBias(fc.nat(0x7fffffff)),
  steps: fc.array(fc.noBias(fc.nat(0x7fffffff)), { minLength: 4, maxLength: 48, size: 'max' }),
});

/** What must not be wrong with a world at the end. */
export type Question = (world: World) => string | undefined;

/** Plays a history to its end, and says what is wrong then. */
function outcomeOf(rules: Rules, scenario: Scenario, question: Question, trace?: string[]): string | undefined {
  const play = new Play(rules, scenario, trace);
  play.drain();
  return question(play.world);
}

/** What happened, line by line, and how it ended. */
export function traceOf(rules: Rules, scenario: Scenario, question: Question = wrongWith): string {
  const lines: string[] = [];
  const wrong = outcomeOf(rules, scenario, question, lines);
  return [...lines, wrong ?? 'nothing is wrong'].join('\n');
}

/** No history ends with something wrong; what did is shown line by line. */
export const always = (rules: Rules, question: Question = wrongWith): fc.IProperty<[Scenario]> =>
  fc.property(scenarios, (scenario) => {
    if (outcomeOf(rules, scenario, question) !== undefined)
      throw new Error(`\n${traceOf(rules, scenario, question)}\n`);
  });
