import { done, get } from './client.ts';
import { asSuperuser, inside } from './container.ts';
import { ask } from './restore-client.ts';

export const PASSWORD = 'pw-spaced';

interface Backups {
  readonly backups: readonly { readonly label: string; readonly verified?: boolean; readonly verify_error?: string }[];
}
export const count = (id: string, table: string): Promise<string> => ask(id, PASSWORD, `SELECT count(*) FROM ${table}`);
export const backups = async (id: string) => (await get<Backups>(`/v1/databases/${id}/nodes/n1/backups`)).backups;
export const backUp = (id: string, type = 'full'): Promise<void> =>
  done(id, 'POST', `/v1/databases/${id}/nodes/n1/backups`, { type });
export const conditions = async (id: string): Promise<unknown> =>
  (await get<{ conditions?: unknown[] }>(`/v1/databases/${id}`)).conditions ?? [];
export const location = (id: string, name: string): Promise<string> =>
  asSuperuser(id, `SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = '${name}'`);

/** A tablespace beside the data, and a table with an index and long values in it. */
export async function addTablespace(id: string, name: string, table: string): Promise<void> {
  await inside(id, `mkdir -m 700 /windlass/data/${name}`);
  await asSuperuser(id, `CREATE TABLESPACE ${name} LOCATION '/windlass/data/${name}'`);
  await asSuperuser(id, `GRANT CREATE ON TABLESPACE ${name} TO app`);
  const rows = `SELECT g AS id, repeat(md5(g::text), 200) AS text FROM generate_series(1, 1000) g`;
  await ask(id, PASSWORD, `CREATE TABLE ${table} TABLESPACE ${name} AS ${rows}`);
  await ask(id, PASSWORD, `CREATE INDEX ON ${table} (id) TABLESPACE ${name}`);
}
