import { reconcileDatabase, type DatabaseOperation } from './postgres/reconcile-database.ts';

/** Creates a database: plans every resource it needs and applies the plan. */
export async function createDatabase(input: DatabaseOperation): Promise<void> {
  await reconcileDatabase(input);
}
