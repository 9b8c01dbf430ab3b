import { toFailure } from '@windlass/resources/errors';
import type { DatabaseRecord } from '@windlass/resources/store';
import type { ActivityDeps } from './deps.ts';
import type { OwnedInput } from './own.ts';
import { appendTaskLog } from './task-log.ts';

export interface SetStoppedInput extends OwnedInput {
  readonly instanceId: string;
  readonly stopped: boolean;
  /** Why something that was to come first was left out. */
  readonly note?: string;
}

/** Stores whether an instance is to stay stopped. From here on updates and repairs keep to it. */
export function setStopped({ kv, state }: ActivityDeps) {
  return async function setStopped(input: SetStoppedInput): Promise<void> {
    const { databaseId, taskId, instanceId, stopped, note } = input;
    const key = `databases/${databaseId}`;
    try {
      for (;;) {
        const revision = await state.acquire({ kind: 'database', id: databaseId }, taskId);
        const record = (await kv.get(key))?.value as DatabaseRecord;
        const others = (record.stoppedInstances ?? []).filter((id) => id !== instanceId);
        const ids = stopped ? [...others, instanceId].sort() : others;
        const value = { ...record, stoppedInstances: ids.length > 0 ? ids : undefined };
        if ((await kv.commit([{ key, revision }], [{ put: key, value }])) !== false) break;
      }
    } catch (err) {
      throw toFailure(err);
    }
    if (note !== undefined) await appendTaskLog(kv, input, `did not hand over first: ${note}`);
    const wish = stopped ? 'to stay stopped until it is started' : 'to run';
    await appendTaskLog(kv, input, `recorded that '${instanceId}' is ${wish}`, { instance_id: instanceId });
  };
}
