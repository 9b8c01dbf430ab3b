type Parse = (sql: string) => unknown;
let parse: Parse | undefined;

/** Loads Postgres's own parser (WebAssembly, some MB of memory). Await it once before specs are validated. */
export async function loadSqlParser(): Promise<void> {
  if (parse !== undefined) return;
  const parser = await import('libpg-query');
  await parser.loadModule();
  parse = parser.parseSync;
}

/** Why Postgres cannot parse the text; undefined when it can. Throws when `loadSqlParser` was not awaited. */
export function sqlError(sql: string): string | undefined {
  if (parse === undefined) throw new Error('the SQL parser is not loaded: await loadSqlParser() first');
  try {
    parse(sql);
    return undefined;
  } catch (err) {
    return err instanceof Error ? err.message : String(err);
  }
}
