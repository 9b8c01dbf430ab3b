import type { PostgresDeps } from './deps.ts';

/** Writes a fresh status of this host's instances, so that what is read after a task is already true. */
export function sampleInstances(deps: Pick<PostgresDeps, 'sampleInstances'>) {
  return async function sampleInstances(input: { readonly databaseId: string }): Promise<void> {
    await deps.sampleInstances(input.databaseId);
  };
}
