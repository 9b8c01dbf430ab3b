import { archiveNow as archive } from '@windlass/resources/postgres/restore';
import { databaseEntity } from '@windlass/resources/entity';
import type { ActivityDeps } from '../../core/deps.ts';
import { withHeartbeat } from '../../core/current-run.ts';
import { appendTaskLog } from '../../core/task-log.ts';

/** Has the primary on this host archive what it has written so far. What cannot be archived now is no reason to stop. */
export function archiveNow(deps: ActivityDeps) {
  return async function archiveNow(input: {
    readonly instanceId: string;
    /** Where it is told. */
    readonly log: { readonly databaseId: string; readonly taskId: string };
  }): Promise<void> {
    const { databaseId, taskId } = input.log;
    const log = { entity: databaseEntity(databaseId), taskId };
    const tell = (note: string): Promise<void> => appendTaskLog(deps.kv, log, `not done yet: ${note}`);
    const said = await withHeartbeat((run) => archive(deps.clients, input.instanceId, run), tell);
    await appendTaskLog(deps.kv, log, said);
  };
}
