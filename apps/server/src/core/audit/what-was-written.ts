import type { AuditEvent } from '@windlass/resources/audit';
import type { KvWrite } from '@windlass/resources/store';
import { outboxEntries, taskLogEntries, taskRecords } from '@windlass/resources/tasks';

type Written = Pick<AuditEvent, 'entity' | 'tasks' | 'records'>;

/** The first part of a key: what sort of record it is. */
const sortOf = (key: string): string => key.split('/')[0] ?? '';

/** What is no change by itself: a plan that is asked for lies there for a minute. */
const NO_CHANGE = new Set(['proposals']);
/** What says nothing beside the task, or whose key is nobody's business. */
const UNTOLD = new Set([
  ...[taskRecords, taskLogEntries, outboxEntries].map(({ prefix }) => prefix),
  ...['idempotency', 'join-tokens'],
]);
const MOST_RECORDS = 50;
const MOST_TASKS = 200;

const keyOf = (write: KvWrite): string =>
  'put' in write ? write.put : 'remove' in write ? write.remove : write.removePrefix;

/** Whether these writes change anything that somebody declared or did. */
export const changesSomething = (writes: readonly KvWrite[]): boolean =>
  writes.some((write) => !NO_CHANGE.has(sortOf(keyOf(write))));

/** On what it was done: the tasks that were made or changed, and the keys of the records. Names of secrets, never what they say. */
export function whatWasWritten(writes: readonly KvWrite[], before: Written = {}): Written {
  const made = writes.flatMap((write) => ('put' in write && write.put.startsWith(taskRecords.under()) ? [write] : []));
  const tasks = made.map(({ put, value }) => taskRecords.parse(value, put));
  const keys = writes.map(keyOf).filter((key) => !UNTOLD.has(sortOf(key)));
  const [first] = tasks;
  const entity = before.entity ?? (first && { kind: first.scope, id: first.entityId });
  const told = [...(before.tasks ?? []), ...tasks.map(({ taskId: id, type }) => ({ id, type }))];
  const once = [...new Map(told.map((task) => [task.id, task])).values()].slice(0, MOST_TASKS);
  const records = [...new Set([...(before.records ?? []), ...keys.map((key) => key.slice(0, 300))])];
  return {
    ...(entity && { entity }),
    ...(once.length > 0 && { tasks: once }),
    ...(records.length > 0 && { records: records.slice(0, MOST_RECORDS) }),
  };
}
