import type { ResourceRecord } from '@windlass/resources/store';
import type { ActivityDeps } from './deps.ts';

interface ConfigSpec {
  readonly repositories: readonly { readonly id?: string }[];
}

/** The repositories that pgBackRest of an instance knows, in their order; none when backups are off. */
export async function repositoriesOf(
  { kv }: Pick<ActivityDeps, 'kv'>,
  databaseId: string,
  instanceId: string,
): Promise<ConfigSpec['repositories']> {
  const found = await kv.get(`resources/${databaseId}/pgbackrest.config::${instanceId}`);
  const record = found?.value as ResourceRecord | undefined;
  return record?.phase === 'deleting' ? [] : ((record?.spec as ConfigSpec | undefined)?.repositories ?? []);
}
