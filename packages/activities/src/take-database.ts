import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '@windlass/resources/engine';
import { DomainError, toFailure } from '@windlass/resources/errors';
import { databaseRecords } from '@windlass/resources/records';
import type { Kv } from '@windlass/resources/store';
import { ownedBy, taskRecords } from '@windlass/resources/tasks';
import type { BeginTaskInput } from './begin-task.ts';
import { withHeartbeat } from './current-run.ts';
import type { ActivityDeps } from './deps.ts';
import { appendTaskLog } from './task-log.ts';

/** A scheduled task that is due waits this long for the operation that runs; then it fails. */
const PATIENCE_MS = 10 * 60_000;
/** Looks again even when no change was told. */
const SAFETY_MS = 5000;

/** A scheduled task that is due becomes the owner of its database, as soon as nothing else is. */
export function takeDatabase({ kv }: ActivityDeps) {
  return async function takeDatabase(input: BeginTaskInput): Promise<void> {
    try {
      await withHeartbeat((run) => take(kv, input, run));
    } catch (err) {
      throw toFailure(err);
    }
  };
}

async function take(kv: Kv, input: BeginTaskInput, { signal, progress }: Run): Promise<void> {
  const { databaseId } = input;
  const until = Date.now() + PATIENCE_MS;
  let changed = new AbortController();
  const wake = (): void => changed.abort();
  const watch = await kv.watch(databaseRecords.key(databaseId), wake, wake);
  let told: string | undefined;
  try {
    for (;;) {
      changed = new AbortController();
      const holder = await tryTake(kv, input);
      if (holder === undefined) return;
      if (Date.now() > until)
        throw new DomainError('operation_already_in_progress', `was due, but ${holder} did not end within 10 minutes`);
      if (holder !== told) await appendTaskLog(kv, input, `was due; waited for ${holder} to end`);
      told = holder;
      progress(`waiting for ${holder} to end`);
      await sleep(SAFETY_MS, undefined, { signal: AbortSignal.any([signal, changed.signal]) }).catch(() => undefined);
      signal.throwIfAborted();
    }
  } finally {
    await watch.close();
  }
}

/** What holds the database, in words; undefined when this task has it now. */
async function tryTake(kv: Kv, { databaseId, taskId }: BeginTaskInput): Promise<string | undefined> {
  const [database, task] = await Promise.all([
    databaseRecords.get(kv, databaseId),
    taskRecords.get(kv, 'database', databaseId, taskId),
  ]);
  if (!database || !task) throw new DomainError('not_found', 'the database is gone');
  const { openTaskId } = database.value;
  if (openTaskId === taskId) return undefined;
  if (openTaskId !== undefined) return `task ${openTaskId}`;
  const { status } = task.value;
  const begun = { ...task.value, status: status === 'pending' ? 'running' : status };
  const done = await kv.commit(
    [
      { key: databaseRecords.key(databaseId), revision: database.revision },
      { key: taskRecords.key('database', databaseId, taskId), revision: task.revision },
    ],
    [
      databaseRecords.put(ownedBy(begun, database.value), databaseId),
      taskRecords.put(begun, 'database', databaseId, taskId),
    ],
  );
  return done === false ? tryTake(kv, { databaseId, taskId }) : undefined;
}
