import type { StoredDatabase } from './instances.ts';

/** The scripts that run on a node. A node that began as a copy has what they made. */
export const scriptsOf = (
  name: string,
  { spec, nodeSources = {} }: StoredDatabase,
): NonNullable<StoredDatabase['spec']['scripts']> => (Object.hasOwn(nodeSources, name) ? {} : (spec.scripts ?? {}));
