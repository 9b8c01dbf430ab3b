import { purgeBackups as purge } from '@windlass/resources/postgres/backups';
import { backupsPath } from '@windlass/resources/postgres/kinds';
import { databaseEntity } from '@windlass/resources/entity';
import { keptBackupRecords } from '@windlass/resources/postgres/records';
import { forgetDataKey } from '@windlass/resources/store';
import { repositoriesOf } from './backup-repositories.ts';
import type { ActivityDeps } from '../core/deps.ts';
import { own } from '../core/own.ts';
import { backedUp } from './backups-farewell.ts';
import type { DatabaseTask } from './database-task.ts';
import { appendTaskLog } from '../core/task-log.ts';

/** Names of the nodes that have backups. */
export function listBackedUp({ state }: Pick<ActivityDeps, 'state'>) {
  return async function listBackedUp({ databaseId }: { readonly databaseId: string }): Promise<string[]> {
    return backedUp(await state.list(databaseEntity(databaseId)));
  };
}

/** Removes all backups of a node from its repositories. */
export function purgeBackups(deps: ActivityDeps) {
  return async function purgeBackups(
    input: DatabaseTask & { readonly nodeName: string; readonly instanceId: string },
  ): Promise<void> {
    const { databaseId, instanceId, nodeName } = input;
    const repositories = (await repositoriesOf(deps, databaseId, instanceId)).map((_one, i) => i + 1);
    await own(deps, input, ({ signal }) => purge(deps.clients, { instanceId, repositories }, signal));
    await appendTaskLog(deps.kv, input, `removed all backups of node ${nodeName}`, { node_name: nodeName });
  };
}

/** Removes what this host keeps of the backups of a database. */
export function dropBackupDirectory(deps: ActivityDeps) {
  return async function dropBackupDirectory(input: DatabaseTask): Promise<void> {
    await own(deps, input, () => deps.clients.files.removeTree(backupsPath(input.databaseId)));
  };
}

/** Forgets the credentials and passphrases of the repositories of a database: what they opened is gone. */
export function forgetRepositories(deps: ActivityDeps) {
  return async function forgetRepositories(input: DatabaseTask): Promise<void> {
    await deps.state.acquire(input.entity, input.taskId);
    await deps.clients.secrets.removePrefix(`backups/${input.databaseId}/`);
    const owner = { kind: 'backups', id: input.databaseId };
    await deps.kv.commit([], [keptBackupRecords.remove(input.databaseId), ...forgetDataKey(owner)]);
  };
}
