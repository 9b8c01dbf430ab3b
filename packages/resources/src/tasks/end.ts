import { keys } from '../store/keys.ts';
import type { Kv, KvWrite } from '../store/kv.ts';
import { isTerminal, type TaskRecord } from '../store/tasks.ts';
import { endWithTask } from './end-with-task.ts';
import { endedTask, type TaskEnd } from './given-back.ts';
import { HOLDERS, type Holder, type HolderRecords, type Scope } from './holders.ts';
import { taskRecords } from './records.ts';
import type { TaskRef } from './task-ref.ts';

/** What is written with the end of a task besides the task itself. */
export interface AlsoEnding<R> {
  /** What becomes of the record of the entity when the task owns it still; unless told it is given back. */
  readonly owned?: (record: R, task: TaskRecord) => readonly KvWrite[] | Promise<readonly KvWrite[]>;
  readonly writes?: readonly KvWrite[];
}

/**
 * Ends a task in one transaction, whoever ends it: the task, what ends with it, its place in the outbox, and what becomes
 * of the entity. Only a task that still owns the entity says that. `toEnd` is told whether it had begun. Repeating it
 * changes nothing. Gives the task as it is now; undefined when there is none.
 */
export async function endTask<S extends Scope>(
  kv: Kv,
  task: TaskRef<S>,
  toEnd: (begun: boolean) => TaskEnd,
  also: AlsoEnding<HolderRecords[S]> = {},
  now: () => Date = () => new Date(),
): Promise<TaskRecord | undefined> {
  return end(kv, HOLDERS[task.scope], task, { toEnd, also, now });
}

interface Ending<R> {
  readonly toEnd: (begun: boolean) => TaskEnd;
  readonly also: AlsoEnding<R>;
  readonly now: () => Date;
}

async function end<R>(
  kv: Kv,
  holder: Holder<R>,
  { scope, entityId, taskId }: TaskRef,
  { toEnd, also, now }: Ending<R>,
): Promise<TaskRecord | undefined> {
  for (;;) {
    const [task, held, waiting] = await Promise.all([
      taskRecords.get(kv, scope, entityId, taskId),
      holder.records.get(kv, entityId),
      kv.get(keys.outbox(taskId)),
    ]);
    if (!task || isTerminal(task.value)) return task?.value;
    const how = toEnd(waiting === undefined);
    const ended = endedTask(task.value, how, now());
    const back = (mine: R): readonly KvWrite[] => holder.givenBack(entityId, mine, ended, how);
    const ours = held && holder.ownerOf(held.value) === taskId ? await (also.owned ?? back)(held.value, ended) : [];
    const done = await kv.commit(
      [
        { key: taskRecords.key(scope, entityId, taskId), revision: task.revision },
        { key: holder.records.key(entityId), revision: held?.revision ?? 0 },
      ],
      [
        taskRecords.put(ended, scope, entityId, taskId),
        { remove: keys.outbox(taskId) },
        ...(await endWithTask(kv, ended)),
        ...(also.writes ?? []),
        ...ours,
      ],
    );
    if (done !== false) return ended;
  }
}
