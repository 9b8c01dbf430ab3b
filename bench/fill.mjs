// A database with as many rows of about 1 KiB as are asked for, settled: nothing is left for vacuum or a checkpoint.
import { connect, containerOf, superuser } from './api.mjs';

/** Fills it over `port` and gives its size in MB; `service` is the Swarm service of its instance. */
export async function fill(port, database, service, rows) {
  const client = await connect(port, database);
  await client.query({
    text: `CREATE TABLE big AS SELECT g AS id, repeat(md5(g::text), 32) AS text FROM generate_series(1, ${rows}) g`,
    query_timeout: 300_000,
  });
  await client.end();
  const container = await containerOf(service);
  for (const settle of ['VACUUM FREEZE ANALYZE', 'CHECKPOINT']) await superuser(container, settle, database);
  return Number(await superuser(container, `SELECT pg_database_size('${database}') / 1048576`));
}
