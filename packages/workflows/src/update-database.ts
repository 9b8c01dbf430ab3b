import { reconcileDatabase, type DatabaseOperation } from './postgres/reconcile-database.ts';

/** Brings a database to the spec stored at `revision`; runs only what changed. */
export async function updateDatabase(input: DatabaseOperation): Promise<void> {
  await reconcileDatabase(input);
}
