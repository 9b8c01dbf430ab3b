import { objectsOf, textOf, type JsonObject, type Kind } from '@windlass/client';
import { callOn, readEntity } from '../entity.ts';
import type { Session } from '../session.ts';
import { printList, printOne } from './print.ts';

/** What one wants to see at night: state and why, its parts, what needs attention, its last tasks and what to do. */
export async function describe(session: Session, kind: Kind, id: string): Promise<void> {
  const one = await readEntity(session, kind, id);
  if (session.format !== 'table' && session.format !== 'wide') return printOne(session, kind.noun, one);
  await printOne(session, kind.noun, one);
  await section(session, 'Instances', 'instance', objectsOf(one, 'instances'));
  backups(session, objectsOf(one, 'backups'));
  attention(session, objectsOf(one, 'conditions'));
  const tasks = await tasksOf(session, kind, id);
  await section(session, 'Last tasks', 'task', tasks.slice(0, 5));
  for (const task of tasks.filter((each) => !ENDED.includes(textOf(each, 'status') ?? '')))
    session.terminal.out(`\nNow: ${String(task['type'])}; windlass task watch ${String(task['task_id'])}\n`);
}

const ENDED: readonly string[] = ['completed', 'failed', 'canceled'];

async function tasksOf(session: Session, kind: Kind, id: string): Promise<readonly JsonObject[]> {
  if (!kind.task) return [];
  const all = { ...kind.task, path: kind.task.path.replace(/\/\{task_id\}$/, '') };
  return objectsOf(await callOn(session, all, [id]), 'tasks');
}

async function section(session: Session, title: string, kind: string, rows: readonly JsonObject[]): Promise<void> {
  if (rows.length === 0) return;
  session.terminal.out(`\n${session.paint('bold', title)}\n`);
  await printList(session, kind, rows);
}

function backups(session: Session, rows: readonly JsonObject[]): void {
  if (rows.length === 0) return;
  session.terminal.out(`\n${session.paint('bold', 'Backups')}\n`);
  for (const row of rows) {
    const text = (field: string) => textOf(row, field) ?? 'never';
    session.terminal.out(
      `${text('node_name')}: last ${text('last_backup_at')}, restorable from ${text('earliest_restorable')} to ${text('latest_restorable')}\n`,
    );
  }
}

function attention(session: Session, rows: readonly JsonObject[]): void {
  if (rows.length === 0) return;
  session.terminal.out(`\n${session.paint('bold', 'Needs attention')} (docs/conditions.md says what to do)\n`);
  for (const row of rows)
    session.terminal.out(`${session.paint('yellow', textOf(row, 'type') ?? '')}: ${textOf(row, 'message') ?? ''}\n`);
}
