import { archiveNow as archive } from '@windlass/resources/restore';
import { toFailure } from '@windlass/resources/errors';
import type { ActivityDeps } from '../deps.ts';
import { withHeartbeat } from '../current-run.ts';
import { appendTaskLog } from '../task-log.ts';

/** Has the primary on this host archive what it has written so far. What cannot be archived now is no reason to stop. */
export function archiveNow(deps: ActivityDeps) {
  return async function archiveNow(input: {
    readonly instanceId: string;
    /** Where it is told. */
    readonly log: { readonly databaseId: string; readonly taskId: string };
  }): Promise<void> {
    try {
      const tell = (note: string): Promise<void> => appendTaskLog(deps.kv, input.log, `not done yet: ${note}`);
      const said = await withHeartbeat((run) => archive(deps.clients, input.instanceId, run), tell);
      await appendTaskLog(deps.kv, input.log, said);
    } catch (err) {
      throw toFailure(err);
    }
  };
}
