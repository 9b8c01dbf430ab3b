import { refKey, type Plan, type Reason, type Step } from './plan-types.ts';

const WHY: Record<Reason, string> = {
  missing: 'it does not exist',
  drifted: 'it was changed behind our back',
  spec_changed: 'its spec changed',
  immutable_changed: 'a field that cannot be changed in place changed',
  change_replaces: 'a change like this one cannot be made in place',
  dependency_changed: 'something it uses changed',
  previous_attempt_failed: 'the previous attempt did not finish',
  requested: 'it was asked for',
  not_desired: 'it is no longer wanted',
};

/** `update postgres.roles::n1 because its spec changed (roles)` */
export function stepSentence(step: Step): string {
  const fields = step.fields.length > 0 ? ` (${step.fields.join(', ')})` : '';
  const interrupts = step.interrupts ? ', which interrupts it' : '';
  return `${step.action} ${refKey(step.ref)} because ${WHY[step.reason]}${fields}${interrupts}`;
}

/** Of a step that is left for when what it is in runs again. */
export const waitingSentence = (step: Step): string => `${stepSentence(step)}, as soon as what it is in runs again`;

/** The plan in words, one sentence a step; a plan without steps says so. */
export function planSentences(plan: Plan): string[] {
  const { steps, waiting = [], notes = [] } = plan;
  const more = [...waiting.map(waitingSentence), ...notes];
  if (steps.length > 0) return [...steps.map(stepSentence), ...more];
  return more.length > 0 ? ['nothing to do', ...more] : ['nothing to do: everything is as declared'];
}
