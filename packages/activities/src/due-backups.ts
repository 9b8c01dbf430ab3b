import { dueForVerification, type Due } from '@windlass/resources/backups';
import { toFailure } from '@windlass/resources/errors';
import { keys } from '@windlass/resources/store';
import { readCatalogue, type CatalogueInput } from './backup-catalogue.ts';
import type { ActivityDeps } from './deps.ts';

/** Reads what is in the repositories of a node, and says which backups a scheduled verification is to prove. */
export function findDueBackups(deps: ActivityDeps) {
  const read = readCatalogue(deps);
  return async function findDueBackups(input: CatalogueInput): Promise<Due> {
    const catalogue = await read(input);
    try {
      const prefix = keys.backupChecks(input.databaseId, input.nodeName);
      const tried = (await deps.kv.list(prefix)).map(({ key }) => key.slice(prefix.length));
      return dueForVerification(catalogue, new Set(tried));
    } catch (err) {
      throw toFailure(err);
    }
  };
}
