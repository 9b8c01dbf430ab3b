import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '@windlass/resources/engine';
import { DomainError } from '@windlass/resources/errors';
import { recordsOf } from '@windlass/resources/entity';
import type { Kv } from '@windlass/resources/store';
import { taskRecords } from '@windlass/resources/tasks';
import { withHeartbeat } from './current-run.ts';
import type { ActivityDeps } from './deps.ts';
import type { OwnedInput } from './own.ts';
import { appendTaskLog } from './task-log.ts';

/** A scheduled task that is due waits this long for the operation that runs; then it fails. */
const PATIENCE_MS = 10 * 60_000;
/** Looks again even when no change was told. */
const SAFETY_MS = 5000;

/** A scheduled task that is due becomes the owner of its entity, as soon as nothing else is. */
export function takeEntity({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function takeEntity(input: OwnedInput): Promise<void> {
    await withHeartbeat((run) => take(kv, input, run));
  };
}

async function take(kv: Kv, input: OwnedInput, { signal, progress }: Run): Promise<void> {
  const { entity } = input;
  const until = Date.now() + PATIENCE_MS;
  let changed = new AbortController();
  const wake = (): void => changed.abort();
  const watch = await kv.watch(recordsOf(entity).key(entity.id), wake, wake);
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

/** What holds the entity, in words; undefined when this task has it now. */
async function tryTake(kv: Kv, { entity, taskId }: OwnedInput): Promise<string | undefined> {
  const records = recordsOf(entity);
  const { kind, id } = entity;
  const [held, task] = await Promise.all([records.get(kv, id), taskRecords.get(kv, kind, id, taskId)]);
  if (!held || !task) throw new DomainError('not_found', `the ${kind} is gone`);
  const { openTaskId } = held.value;
  if (openTaskId === taskId) return undefined;
  if (openTaskId !== undefined) return `task ${openTaskId}`;
  const { status, ...rest } = task.value;
  const done = await kv.commit(
    [
      { key: records.key(id), revision: held.revision },
      { key: taskRecords.key(kind, id, taskId), revision: task.revision },
    ],
    [
      records.put({ ...held.value, openTaskId: taskId }, id),
      taskRecords.put({ ...rest, status: status === 'pending' ? 'running' : status }, kind, id, taskId),
    ],
  );
  return done === false ? tryTake(kv, { entity, taskId }) : undefined;
}
