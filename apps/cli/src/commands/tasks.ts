import type { Command } from 'commander';
import type { Task } from '@windlass/client';
import { CommandError, EXIT } from '../exit.ts';
import { follow } from '../follow.ts';
import { printList, printOne } from '../output/print.ts';
import { printPlan } from '../output/plan.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';

/** `task list|watch|log|cancel|plan`, and `events`. An id is enough: whose it is the server knows. */
export const addTasks: AddCommands = (program, terminal) => {
  const group = program.command('task').description('what was asked for, and how far it is');
  const one = (name: string, says: string, act: (session: Session, task: Task, command: Command) => Promise<void>) =>
    group
      .command(`${name} <task-id>`)
      .description(says)
      .action(async (id: string, _options, command: Command) => {
        const session = sessionOf(command, terminal);
        return act(session, await findTask(session, id), command);
      });
  group
    .command('list')
    .description('the newest first')
    .option('--limit <n>', 'so many', '20')
    .action(async ({ limit }: { limit: string }, command: Command) => {
      const session = sessionOf(command, terminal);
      const { objectsOf } = await import('@windlass/client');
      const answer = await (await session.client()).request('GET', '/v1/tasks', { query: { limit } });
      return printList(session, 'task', objectsOf(answer, 'tasks'));
    });
  one('watch', 'follow one to its end', (session, task, command) => follow(session, task, command.opts<{ timeout?: string }>().timeout)).option('--timeout <time>', 'how long: 90s, 5m'); // prettier-ignore
  one('log', 'what it did so far', async (session, task) => {
    const { readTaskLog } = await import('@windlass/client');
    const { entries, ...log } = await readTaskLog(await session.client(), task);
    if (session.format === 'json' || session.format === 'yaml') return printOne(session, 'log', { ...log, entries });
    for (const { timestamp, message } of entries) terminal.out(`${timestamp} ${message}\n`);
  });
  one('cancel', 'tell one to stop; nothing is undone but a restore', async (session, task) => {
    const { operationOf, pathFor, isTask } = await import('@windlass/client');
    const client = await session.client();
    const { method } = operationOf(await client.kinds(), task.scope, 'taskCancel');
    const answer = await client.request(method, await pathFor(client, task, 'taskCancel'));
    if (isTask(answer)) return printOne(session, 'task', { ...answer });
  });
  one('plan', 'the plan it follows', async (session, task) => {
    const { pathFor } = await import('@windlass/client');
    const client = await session.client();
    return printPlan(session, await client.request('GET', await pathFor(client, task, 'taskPlan')));
  });
  program
    .command('events')
    .description('every change from now on, until Ctrl-C')
    .action(async (_options, command: Command) => {
      const session = sessionOf(command, terminal);
      const { readEvents } = await import('@windlass/client');
      const ended = AbortSignal.any([terminal.interrupted, terminal.unheard]);
      for await (const { type, data } of readEvents(await session.client(), ended))
        terminal.out(`${type} ${JSON.stringify(data)}\n`);
    });
};

async function findTask(session: Session, task_id: string): Promise<Task> {
  const { api } = await session.client();
  const { data } = await api.GET('/v1/tasks/{task_id}', { params: { path: { task_id } } });
  if (data) return data;
  throw new CommandError(EXIT.failed, 'the server answered without a task');
}
