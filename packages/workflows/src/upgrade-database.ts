import { reconcileDatabase, type DatabaseOperation } from './postgres/reconcile-database.ts';

/** Has every instance run another image of its major version, one after another: replicas first, the primary hands over. */
export async function upgradeDatabase(input: DatabaseOperation): Promise<void> {
  await reconcileDatabase(input);
}
