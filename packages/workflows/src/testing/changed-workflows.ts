import { databaseOf } from '../postgres/database-task.ts';
import { control } from '../core/proxies.ts';

/** What nobody may do to a workflow that has open runs: it begins with another activity than the recorded one. */
export async function createDatabase(input: { readonly databaseId: string }): Promise<void> {
  await control.listQueues(databaseOf(input.databaseId));
}
