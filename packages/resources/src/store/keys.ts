/** Keys in etcd, relative to `/windlass/`, that no collection has: all others are made by theirs. */
export const keys = {
  /** Which version of what is stored this is. */
  schema: 'schema',
  /** There while somebody brings the store to another version. */
  schemaLock: 'schema-lock',
  cluster: 'cluster',
  secret: (name: string) => `secrets/${name}`,
} as const;

/** The credentials of the repository a task restores from, while it does. */
export const restoreSecretName = (database: string, task: string): string => `database/${database}/restores/${task}`;
