import type { Task, TaskLogEntry, TaskRef } from '@windlass/client';
import { CommandError, EXIT, usageError } from './exit.ts';
import { isObject } from '@windlass/client/json';
import { printOne } from './output/print.ts';
import type { Session } from './session.ts';

export interface WaitFlags {
  readonly wait?: boolean;
  readonly timeout?: string;
}

/** Says which task was accepted, and waits for it when asked to. */
export async function accepted(session: Session, answer: unknown, flags: WaitFlags): Promise<void> {
  const { isTask } = await import('@windlass/client');
  const task = isObject(answer) ? answer['task'] : undefined;
  if (!isTask(task)) throw new CommandError(EXIT.failed, 'the server answered without a task');
  if (flags.wait === true) return follow(session, task, flags.timeout);
  if (session.format !== 'table') return printOne(session, 'task', { ...task, id: task.task_id });
  const { terminal } = session;
  terminal.out(`task ${task.task_id}: ${task.type} of ${task.scope} ${task.entity_id} is ${task.status}\n`);
  terminal.err(`${howTo(task, 'watch')}\n`);
}

const howTo = ({ task_id: id }: TaskRef, ...verbs: readonly string[]) =>
  verbs.map((verb) => `${verb}: windlass task ${verb} ${id}`).join('\n');

/** Its steps with their times, or where nobody looks at a terminal its log as it grows, to its end. Ctrl-C ends the watching alone. */
export async function follow(session: Session, task: TaskRef, timeout?: string): Promise<void> {
  const { waitForTask } = await import('@windlass/client');
  const { terminal } = session;
  const client = await session.client();
  const timeoutMs = timeout === undefined ? {} : { timeoutMs: secondsOf(timeout) * 1000 };
  const watch = (onEntry: (entry: TaskLogEntry) => void): Promise<Task> =>
    waitForTask(client, task, { signal: terminal.interrupted, onEntry, ...timeoutMs });
  const line = ({ timestamp, message }: TaskLogEntry): void => terminal.err(`${timestamp} ${message}\n`);
  const watching =
    terminal.live && session.format === 'table'
      ? (await import('./output/live.ts')).live(client, task, terminal.live, watch)
      : watch(line);
  const ended = await watching.catch((err: unknown) => {
    if (!terminal.interrupted.aborted) throw err;
    const left = `task ${task.task_id} goes on\n${howTo(task, 'watch', 'cancel')}`;
    throw new CommandError(EXIT.interrupted, left);
  });
  await end(session, ended);
}

async function end(session: Session, task: Task): Promise<void> {
  if (session.format === 'table') session.terminal.out(`task ${task.task_id}: ${task.status}\n`);
  else await printOne(session, 'task', { ...task, id: task.task_id });
  if (task.status !== 'completed')
    throw new CommandError(EXIT.failed, `${task.type} of ${task.scope} ${task.entity_id} is ${task.status}${task.error ? `: ${task.error}` : ''}`); // prettier-ignore
}

export function secondsOf(text: string): number {
  const [, number = '', unit = 's'] = /^(\d+)(s|m|h)?$/.exec(text) ?? [];
  if (number === '') throw usageError(`'${text}' is no time: 90, 90s, 5m, 1h`);
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit === 'm' || unit === 'h' ? unit : 's'];
}
