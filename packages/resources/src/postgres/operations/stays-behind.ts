/** What never comes along when somebody takes over from a primary that cannot be asked what people made there. */
export const staysBehind = (from: string, to: string): string =>
  `replication slots that people made at '${from}', rows of unlogged tables and statistics did not come to '${to}'`;
