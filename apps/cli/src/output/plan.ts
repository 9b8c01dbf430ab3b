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

/** What would be done and why, in the words of the plan; nothing twice. */
export async function printPlan(session: Session, plan: unknown): Promise<void> {
  if (!isObject(plan)) throw new CommandError(EXIT.failed, 'the server answered something that is no plan');
  if (session.format === 'json' || session.format === 'yaml') return printValue(session, plan);
  const text = textOf(plan, 'text') ?? '';
  const lines = text === '' ? ['nothing to do'] : text.split('\n');
  for (const line of lines) session.terminal.out(`${signed(session, line)}\n`);
}

/** A sentence begins with what is done, unless it is about the whole plan. */
function signed({ paint }: Session, sentence: string): string {
  const [action = ''] = sentence.split(' ', 1);
  if (!isAction(action)) return sentence;
  const [sign, colour] = SIGNS[action];
  return paint(colour, `${sign} ${sentence}`);
}
