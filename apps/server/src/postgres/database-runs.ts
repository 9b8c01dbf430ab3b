import type { DatabaseTaskInput } from '@windlass/resources/postgres/records';
import type { OutboxEntry, OutboxTask } from '@windlass/resources/tasks';
import { runs, type Surroundings, type TaskRun } from '../core/tasks/entity-upkeep.ts';

const asAsked = <T extends OutboxTask>({ input, entity, taskId }: OutboxEntry<T>) => ({
  ...input,
  ...({ databaseId: entity.id, taskId } satisfies DatabaseTaskInput),
});
const atRevision = <T extends OutboxTask>(entry: OutboxEntry<T>, { revision }: Pick<Surroundings, 'revision'>) => ({
  ...asAsked(entry),
  revision,
});

/** What does the tasks of a database. */
export const databaseRuns: { readonly [T in Exclude<OutboxTask, 'remove_host' | 'drain_host'>]: TaskRun<T> } = {
  create: runs('createDatabase', atRevision),
  update: runs('updateDatabase', atRevision),
  delete: runs('deleteDatabase', asAsked),
  upgrade: runs('upgradeDatabase', atRevision),
  switchover: runs('switchoverNode', asAsked),
  failover: runs('failoverNode', asAsked),
  restart_instance: runs('restartInstance', asAsked),
  stop_instance: runs('stopInstance', atRevision),
  start_instance: runs('startInstance', atRevision),
  node_backup: runs('backupNode', asAsked),
  delete_backup: runs('deleteBackup', asAsked),
  verify_backup: runs('verifyBackup', asAsked),
  restore: runs('restoreDatabase', atRevision),
  undo_restore: runs('undoRestore', atRevision),
  skip_transaction: runs('skipTransaction', asAsked),
  compare_nodes: runs('compareNodes', asAsked),
};
