import { pgbackrestConfig } from '@windlass/resources/postgres/kinds';
import type { ActivityDeps } from '../core/deps.ts';
import { REPOSITORIES, resourceOf } from './stored-specs.ts';

/** The repositories that pgBackRest of an instance knows, in their order; none when backups are off. */
export async function repositoriesOf(
  { kv }: Pick<ActivityDeps, 'kv'>,
  databaseId: string,
  instanceId: string,
): Promise<ReturnType<typeof REPOSITORIES.parse>['repositories']> {
  const record = await resourceOf(kv, databaseId, { kind: pgbackrestConfig.kind, id: instanceId });
  return record && record.phase !== 'deleting' ? REPOSITORIES.parse(record.spec).repositories : [];
}
