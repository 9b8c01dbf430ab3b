import { Cron } from 'croner';

const PART = '(?:\\*|[0-9]{1,2}(?:-[0-9]{1,2})?|[A-Z]{3}(?:-[A-Z]{3})?)(?:/[0-9]{1,2})?';
const FIELD = new RegExp(`^${PART}(?:,${PART})*$`, 'i');

const open = (expression: string): Cron => new Cron(expression, { timezone: 'UTC', mode: '5-part', paused: true });

/**
 * Why a timetable of five fields is refused; undefined when it is fine. Days of the month and of the week at once are
 * refused: some programs take both, others one of them.
 */
export function cronRefusal(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) return 'must have five fields: minute, hour, day of the month, month, day of the week';
  if (!fields.every((field) => FIELD.test(field))) return 'has a field that is no number, range, list, step or name';
  if (fields[2] !== '*' && fields[4] !== '*')
    return 'cannot restrict both the day of the month and the day of the week: write two schedules';
  try {
    return nextRuns(expression, new Date(0), 1).length === 0 ? 'never comes' : undefined;
  } catch (err) {
    return (err instanceof Error ? err.message : 'cannot be read').replace(/^CronPattern: /, '').toLowerCase();
  }
}

/** The next times of a timetable after a moment, in UTC. */
export const nextRuns = (expression: string, after: Date, count: number): Date[] =>
  open(expression).nextRuns(count, after);
