/** What is told of a database from which replication was taken away, and whose users use what was made for it; undefined: nothing is left. */
export const schemaStays = (
  databaseName: string,
  { usedBy }: { readonly usedBy: readonly string[] },
): string | undefined =>
  usedBy.length > 0
    ? `schema 'windlass' of database '${databaseName}' stays, as it is used: ${usedBy.join(', ')}`
    : undefined;
