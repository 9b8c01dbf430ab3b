import { purgeBackups as purge } from '@windlass/resources/backups';
import { toFailure } from '@windlass/resources/errors';
import { backupsPath } from '@windlass/resources/kinds';
import { keys, type ResourceRecord } from '@windlass/resources/store';
import { repositoriesOf } from './backup-repositories.ts';
import type { ActivityDeps } from './deps.ts';
import { own, type OwnedInput } from './own.ts';
import { appendTaskLog } from './task-log.ts';

/** Names of the nodes that have backups. */
export function listBackedUp({ state }: Pick<ActivityDeps, 'state'>) {
  return async function listBackedUp({ databaseId }: { readonly databaseId: string }): Promise<string[]> {
    return backedUp(await state.list({ kind: 'database', id: databaseId }));
  };
}

export const backedUp = (records: readonly ResourceRecord[]): string[] =>
  records.filter((r) => r.ref.kind === 'pgbackrest.stanza').map((r) => (r.spec as { nodeName: string }).nodeName);

/** Removes all backups of a node from its repositories. */
export function purgeBackups(deps: ActivityDeps) {
  return async function purgeBackups(
    input: OwnedInput & { readonly nodeName: string; readonly instanceId: string },
  ): Promise<void> {
    const { databaseId, instanceId, nodeName } = input;
    const repositories = (await repositoriesOf(deps, databaseId, instanceId)).map((_one, i) => i + 1);
    await own(deps, input, ({ signal }) => purge(deps.clients, { instanceId, repositories }, signal));
    await appendTaskLog(deps.kv, input, `removed all backups of node ${nodeName}`, { node_name: nodeName });
  };
}

/** Removes what this host keeps of the backups of a database. */
export function dropBackupDirectory(deps: ActivityDeps) {
  return async function dropBackupDirectory(input: OwnedInput): Promise<void> {
    await own(deps, input, () => deps.clients.files.removeTree(backupsPath(input.databaseId)));
  };
}

/** Forgets the credentials and passphrases of the repositories of a database: what they opened is gone. */
export function forgetRepositories(deps: ActivityDeps) {
  return async function forgetRepositories(input: OwnedInput): Promise<void> {
    try {
      await deps.state.acquire({ kind: 'database', id: input.databaseId }, input.taskId);
      await deps.clients.secrets.removePrefix(`backups/${input.databaseId}/`);
      await deps.kv.commit([], [{ remove: keys.keptBackups(input.databaseId) }]);
    } catch (err) {
      throw toFailure(err);
    }
  };
}
