import {
  closeStandby as close,
  healthyStandbys,
  openStandby as open,
  type Standby,
} from '@windlass/resources/postgres/backups';
import { withHeartbeat } from '../core/current-run.ts';
import type { ActivityDeps } from '../core/deps.ts';
import type { DatabaseTask } from './database-task.ts';
import { appendTaskLog } from '../core/task-log.ts';

export type StandbyInput = DatabaseTask & Standby;

/** Which replicas could be copied from, the least behind first; asked on the host of the primary. */
export function findStandbys({ clients }: ActivityDeps) {
  return async function findStandbys(input: { readonly databaseId: string; readonly primary: string }) {
    return await withHeartbeat(({ signal }) => healthyStandbys(clients, input.primary, signal));
  };
}

/** Lets the primary read a standby's data files; done on the standby's host. */
export function openStandby({ clients, kv }: ActivityDeps) {
  return async function openStandby(input: StandbyInput): Promise<void> {
    const { instanceId, primary } = input;
    await withHeartbeat(({ signal }) => open(clients, input, signal));
    await appendTaskLog(kv, input, `opened standby '${instanceId}' for primary '${primary}' to copy from`, {
      standby: instanceId,
      primary,
    });
  };
}

/** Ends that. */
export function closeStandby({ clients }: ActivityDeps) {
  return async function closeStandby(input: StandbyInput): Promise<void> {
    await withHeartbeat(({ signal }) => close(clients, input, signal));
  };
}
