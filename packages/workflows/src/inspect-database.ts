import { control } from './proxies.ts';
import { refreshAll } from './operate.ts';

/** Looks at every resource of a database and says what is missing or was changed behind our back. */
export async function inspectDatabase(input: { readonly databaseId: string }) {
  const { refreshQueues } = await control.listQueues(input);
  return refreshAll(input.databaseId, refreshQueues);
}
