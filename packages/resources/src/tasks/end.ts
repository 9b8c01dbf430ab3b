import type { EntityRecord } from '../entity/entity-record.ts';
import type { EntityRecords } from '../entity/entity-records.ts';
import { databaseRecords } from '../records/database-records.ts';
import type { Kv, KvWrite } from '../store/kv.ts';
import type { DatabaseState } from '../store/ports.ts';
import { isTerminal, type TaskRecord, type TaskType } from '../store/tasks.ts';
import { endWithTask } from './end-with-task.ts';
import { outboxEntries, taskRecords } from './records.ts';
import type { TaskRef } from './task-ref.ts';
import { traitsOf } from './traits.ts';

/** How a task ended. */
export interface TaskEnd {
  readonly outcome: 'completed' | 'failed' | 'canceled';
  /** Why, in words; of a failed one. */
  readonly error?: string | undefined;
  /** It ended before it changed anything: its database is what it was. */
  readonly untouched?: boolean | undefined;
}

/** The record of a task that has ended. */
export const endedTask = (task: TaskRecord, { outcome, error }: TaskEnd, now: Date): TaskRecord => ({
  ...task,
  status: outcome,
  completedAt: now.toISOString(),
  ...(error !== undefined && outcome === 'failed' && { error }),
});

/** What state an entity has when a task that owned it has ended: the one rule, whoever ends it. */
export function stateAfter(
  { state, stateBefore }: Pick<EntityRecord, 'state' | 'stateBefore'>,
  type: TaskType,
  { outcome, untouched }: TaskEnd,
): DatabaseState {
  if (!traitsOf(type).movesState) return state;
  if (outcome === 'completed') return 'available';
  return (untouched === true ? stateBefore : undefined) ?? 'failed';
}

/** The entity given back by a task that owned it. */
export function givenBack({ stateBefore, ...record }: EntityRecord, type: TaskType, end: TaskEnd): EntityRecord {
  return { ...record, state: stateAfter({ ...record, stateBefore }, type, end), openTaskId: undefined };
}

/** What is written with the end of a task besides the task itself. */
export interface AlsoEnding {
  /** Where it is kept what is known of its entity; unless told, where that of databases is. */
  readonly records?: EntityRecords;
  /** What becomes of the entity that it owns still; unless told it is given back. */
  readonly owned?: (record: EntityRecord, task: TaskRecord) => readonly KvWrite[] | Promise<readonly KvWrite[]>;
  readonly writes?: readonly KvWrite[];
}

/**
 * Ends a task in one transaction, whoever ends it: the task, what ends with it, its place in the outbox, and what becomes
 * of the entity. Only a task that still owns the entity says that. `toEnd` is told whether it had begun. Repeating it
 * changes nothing. Gives the task as it is now; undefined when there is none.
 */
export async function endTask(
  kv: Kv,
  { scope, entityId, taskId }: TaskRef,
  toEnd: (begun: boolean) => TaskEnd,
  { records = databaseRecords, owned, writes = [] }: AlsoEnding = {},
  now: () => Date = () => new Date(),
): Promise<TaskRecord | undefined> {
  for (;;) {
    const [task, held, waiting] = await Promise.all([
      taskRecords.get(kv, scope, entityId, taskId),
      records.get(kv, entityId),
      outboxEntries.get(kv, taskId),
    ]);
    if (!task || isTerminal(task.value)) return task?.value;
    const end = toEnd(waiting === undefined);
    const ended = endedTask(task.value, end, now());
    const back = (mine: EntityRecord): KvWrite[] => [records.put(givenBack(mine, ended.type, end), entityId)];
    const ours = held?.value.openTaskId === taskId ? await (owned ?? back)(held.value, ended) : [];
    const done = await kv.commit(
      [
        { key: taskRecords.key(scope, entityId, taskId), revision: task.revision },
        { key: records.key(entityId), revision: held?.revision ?? 0 },
      ],
      [
        taskRecords.put(ended, scope, entityId, taskId),
        outboxEntries.remove(taskId),
        ...(await endWithTask(kv, ended)),
        ...writes,
        ...ours,
      ],
    );
    if (done !== false) return ended;
  }
}
