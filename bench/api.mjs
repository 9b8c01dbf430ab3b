// The API as the measurements use it.
import { createRequire } from 'node:module';
import { API, sh, until } from './stack.mjs';

export const pg = createRequire(new URL('../e2e/package.json', import.meta.url))('pg');
export const PASSWORD = 'bench';

export async function call(method, path, body) {
  const response = await fetch(API + path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (response.status >= 300 && response.status !== 404)
    throw new Error(`${method} ${path}: ${response.status} ${answer.message}`);
  return { status: response.status, ...answer };
}

/** A spec with one node on these hosts. */
export const specOf = (id, hosts, more = {}) => ({
  database_name: id,
  port: 0,
  database_users: [{ username: 'app', password: PASSWORD, db_owner: true, attributes: ['LOGIN'] }],
  nodes: [{ name: 'n1', host_ids: hosts }],
  ...more,
});

/** Waits for the end of a task; fails when it was not completed. Who waits for many at once must not look too often. */
export async function ended(id, task, timeoutMs = 180_000, everyMs = 10) {
  await until(
    `the task ${task.type} of ${id}`,
    async () => {
      const { status, error } = await call('GET', `/v1/databases/${id}/tasks/${task.task_id}`);
      if (status === 'failed' || status === 'canceled') return { status, error };
      return status === 'completed' && { status };
    },
    timeoutMs,
    everyMs,
  ).then(({ status, error }) => {
    if (status !== 'completed') throw new Error(`the task ${task.type} of ${id} is ${status}: ${error}`);
  });
}

export const post = async (path, body) => (await call('POST', path, body)).task;
export const create = (id, hosts, more) => post('/v1/databases', { id, spec: specOf(id, hosts, more) });
export const update = (id, hosts, more) => post(`/v1/databases/${id}`, { spec: specOf(id, hosts, more) });
export const get = (id) => call('GET', `/v1/databases/${id}`);
/** Deletes a database where there is one. */
export async function remove(id, everyMs = 10) {
  const { status, task } = await call('DELETE', `/v1/databases/${id}?force=true`);
  if (status !== 404) await ended(id, task, 180_000, everyMs);
}

/** Deletes every database of the stack, and what the floors left. */
export async function removeDatabases() {
  const { databases } = await call('GET', '/v1/databases');
  await Promise.all(databases.map(({ id }) => remove(id, 500)));
  for (const script of ['bench/stock.sh', 'bench/floor.sh']) await sh('bash', [script, 'end']);
}

export const portsOf = async (id) =>
  Object.fromEntries(
    ((await get(id)).instances ?? []).map((i) => [i.id, i.connection_info?.port]).filter(([, p]) => p),
  );

export function connect(port, database, user = 'app') {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user,
    password: PASSWORD,
    database,
    connectionTimeoutMillis: 1000,
    query_timeout: 5000,
  });
  client.on('error', () => undefined);
  return client.connect().then(
    () => client,
    (err) => client.end().then(() => Promise.reject(err)),
  );
}

/** Waits until the declared user commits a row over TCP; `portOf` may fail until there is one. */
export async function firstInsert(portOf, database) {
  await until(`a first INSERT in ${database}`, async () => {
    const client = await connect(await portOf(), database);
    try {
      await client.query('CREATE TABLE IF NOT EXISTS t (id int); INSERT INTO t VALUES (1)');
      return true;
    } finally {
      await client.end();
    }
  });
}

/** The container of an instance's Postgres. */
export const containerOf = (service) =>
  sh('docker', ['ps', '-q', '--filter', `label=com.docker.swarm.service.name=${service}`]);
/** The rows of a query as the superuser, through the container's socket. Its own search path does not find tables of people. */
export const superuser = (container, query, database = 'postgres') => {
  const psql = ['psql', '-h', '/tmp', '-U', 'windlass', '-d', database, '-Atqc', query];
  return sh('docker', ['exec', '-e', 'PGOPTIONS=-csearch_path=public', container, ...psql]);
};
