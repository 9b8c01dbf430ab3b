import type { EntityRecord } from '../engine/entity-record.ts';
import { definitionOf } from '../entity/entities.ts';
import type { Also } from '../store/collection.ts';
import type { Kv, KvWrite, Versioned } from '../store/kv.ts';
import { endWithTask } from './end-with-task.ts';
import { endedTask, givenBack, type TaskEnd } from './given-back.ts';
import { outboxEntries } from './outbox.ts';
import { taskRecords, isTerminal, type TaskRecord } from './records.ts';
import type { TaskRef } from './task-ref.ts';

/** What is written with the end of a task besides the task itself. */
export interface AlsoEnding {
  /** What becomes of the entity when the task owns it still; unless told it is given back. `record` is what is kept of it, if that is. */
  readonly owned?: (task: TaskRecord, record: EntityRecord | undefined) => Also | Promise<Also>;
  readonly writes?: readonly KvWrite[];
}

/**
 * Ends a task in one transaction, whoever ends it: the task, what ends with it, its place in the outbox, and what becomes
 * of the entity. Only a task that still owns the entity says that. `toEnd` is told whether it had begun. Repeating it
 * changes nothing. Gives the task as it is now; undefined when there is none.
 */
export async function endTask(
  kv: Kv,
  about: TaskRef,
  toEnd: (begun: boolean) => TaskEnd,
  also: AlsoEnding = {},
  now: () => Date = () => new Date(),
): Promise<TaskRecord | undefined> {
  const { scope, entityId, taskId } = about;
  const ownerKey = definitionOf(scope).owner.key(entityId);
  for (;;) {
    const [task, held, waiting] = await Promise.all([
      taskRecords.get(kv, scope, entityId, taskId),
      kv.get(ownerKey),
      kv.get(outboxEntries.key(taskId)),
    ]);
    if (!task || isTerminal(task.value)) return task?.value;
    const how = toEnd(waiting === undefined);
    const ended = endedTask(task.value, how, now());
    const ours = await onOwned(held, ended, how, also);
    const done = await kv.commit(
      [
        { key: taskRecords.key(scope, entityId, taskId), revision: task.revision },
        { key: ownerKey, revision: held?.revision ?? 0 },
        ...(ours.expect ?? []),
      ],
      [
        taskRecords.put(ended, scope, entityId, taskId),
        outboxEntries.remove(taskId),
        ...(await endWithTask(kv, ended)),
        ...(also.writes ?? []),
        ...(ours.writes ?? []),
      ],
    );
    if (done !== false) return ended;
  }
}

/** Nothing when another task owns the entity by now. */
async function onOwned(
  held: Versioned<unknown> | undefined,
  task: TaskRecord,
  how: TaskEnd,
  { owned }: AlsoEnding,
): Promise<Also> {
  const { scope, entityId, type, taskId } = task;
  const { owner, records } = definitionOf(scope);
  if (!held || owner.of(entityId, held.value) !== taskId) return {};
  const record = records?.parse(held.value, records.key(entityId));
  if (owned) return owned(task, record);
  const gives =
    records && record ? records.put(givenBack(record, type, how), entityId) : { remove: owner.key(entityId) };
  return { writes: [gives] };
}
