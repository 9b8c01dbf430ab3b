import { readCatalogue as read, type Catalogue } from '@windlass/resources/backups';
import { toFailure } from '@windlass/resources/errors';
import { keys, type StoredCatalogue } from '@windlass/resources/store';
import type { ActivityDeps } from './deps.ts';
import { withHeartbeat } from './current-run.ts';

export interface CatalogueInput {
  readonly databaseId: string;
  readonly nodeName: string;
  readonly instanceId: string;
}

/** Reads what is in the repositories of a node, and keeps it so that the status of the database can tell. */
export function readCatalogue({ kv, clients }: ActivityDeps) {
  return async function readCatalogue(input: CatalogueInput): Promise<Catalogue> {
    const { databaseId, nodeName, instanceId } = input;
    try {
      const catalogue = await withHeartbeat(({ signal }) => read(clients, instanceId, signal));
      const database = await kv.get(keys.database(databaseId));
      const value: StoredCatalogue = { ...catalogue, readAt: new Date().toISOString() };
      if (database)
        await kv.commit(
          [{ key: keys.database(databaseId), revision: database.revision }],
          [{ put: keys.backups(databaseId, nodeName), value }],
        );
      return catalogue;
    } catch (err) {
      throw toFailure(err);
    }
  };
}
