import { isObject, objectsOf, textOf, type JsonObject } from '@windlass/client';
import { CommandError, EXIT } from '../exit.ts';
import type { Session } from '../session.ts';
import { printValue } from './print.ts';

const SIGNS = {
  create: ['+', 'green'],
  update: ['~', 'yellow'],
  replace: ['±', 'yellow'],
  delete: ['-', 'red'],
} as const;
const isAction = (text: string): text is keyof typeof SIGNS => text in SIGNS;

export const stepsOf = (plan: unknown): readonly JsonObject[] => objectsOf(plan, 'steps');

/** What would be done, step by step with why, and the same in words. */
export async function printPlan(session: Session, plan: unknown): Promise<void> {
  if (!isObject(plan)) throw new CommandError(EXIT.failed, 'the server answered something that is no plan');
  if (session.format === 'json' || session.format === 'yaml') return printValue(session, plan);
  for (const step of stepsOf(plan)) session.terminal.out(`${stepLine(session, step)}\n`);
  const text = textOf(plan, 'text') ?? '';
  session.terminal.out(text === '' ? 'nothing to do\n' : `${text}\n`);
}

function stepLine({ paint }: Session, step: JsonObject): string {
  const action = textOf(step, 'action') ?? '';
  const [sign, colour] = isAction(action) ? SIGNS[action] : (['?', 'dim'] as const);
  const fields = Array.isArray(step['fields']) && step['fields'].length > 0 ? `: ${step['fields'].join(', ')}` : '';
  const reason = (textOf(step, 'reason') ?? '').replaceAll('_', ' ');
  return `${paint(colour, `${sign} ${action} ${textOf(step, 'resource') ?? ''}`)} (${reason}${fields})`;
}
