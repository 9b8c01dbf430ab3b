// node bench/run.mjs [repeats]: times the API against a running stack (bin/up), alternating with a raw floor in the same run:
// a shell script that does `docker service create` + Patroni + create user and database, with no control plane.
// Prints a markdown table with medians and ranges. Environment: API, BENCH_HOST (host-1).
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const pg = createRequire(new URL('../e2e/package.json', import.meta.url))('pg');
const API = process.env.API ?? 'http://127.0.0.1:3000';
const HOST = process.env.BENCH_HOST ?? 'host-1';
const REPEATS = Number(process.argv[2] ?? 10);
const samples = new Map();
const note = (what, ms) => samples.set(what, [...(samples.get(what) ?? []), ms]);

async function call(method, path, body) {
  const response = await fetch(API + path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (response.status >= 300 && response.status !== 404)
    throw new Error(`${method} ${path}: ${response.status} ${answer.message}`);
  return { status: response.status, ...answer };
}
const spec = (id, more = {}) => ({
  database_name: id,
  port: 0,
  database_users: [{ username: 'app', password: 'bench', db_owner: true, attributes: ['LOGIN'] }],
  nodes: [{ name: 'n1', host_ids: [HOST] }],
  ...more,
});

async function ended(id, task) {
  for (;;) {
    const { status, error } = await call('GET', `/v1/databases/${id}/tasks/${task.task_id}`);
    if (status === 'completed') return;
    if (status === 'failed' || status === 'canceled') throw new Error(`${id}: ${status} ${error}`);
    await sleep(10);
  }
}

async function insert(port, database) {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'app',
    password: 'bench',
    database,
    connectionTimeoutMillis: 1000,
  });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS t (id int); INSERT INTO t VALUES (1)');
  await client.end();
}
async function firstInsert(portOf, database) {
  for (;;) {
    try {
      return await insert(await portOf(), database);
    } catch {
      await sleep(20);
    }
  }
}

async function windlass(id) {
  const begun = performance.now();
  const { task } = await call('POST', '/v1/databases', { id, spec: spec(id) });
  note('POST accept', performance.now() - begun);
  await firstInsert(async () => (await call('GET', `/v1/databases/${id}`)).instances[0].connection_info.port, id);
  note('POST to first INSERT', performance.now() - begun);
  await ended(id, task);
  note('POST to task completed', performance.now() - begun);

  let t = performance.now();
  await ended(id, (await call('POST', `/v1/databases/${id}`, { spec: spec(id) })).task);
  note('no-op update', performance.now() - t);

  t = performance.now();
  const { task: change } = await call('POST', `/v1/databases/${id}`, {
    spec: spec(id, { postgresql_conf: { work_mem: '9MB' } }),
  });
  const { port } = (await call('GET', `/v1/databases/${id}`)).instances[0].connection_info;
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'app', password: 'bench', database: id });
  await client.connect();
  while ((await client.query('SHOW work_mem')).rows[0].work_mem !== '9MB') await sleep(10);
  note('reloadable GUC, POST to SHOW', performance.now() - t);
  await client.end();
  await ended(id, change);

  for (let i = 0; i < 20; i += 1) {
    t = performance.now();
    await call('GET', `/v1/databases/${id}`);
    note('GET database', performance.now() - t);
  }
  t = performance.now();
  await ended(id, (await call('DELETE', `/v1/databases/${id}`)).task);
  note('delete, DELETE to nothing left', performance.now() - t);
}

async function floor(name, port) {
  const script = new URL('floor.sh', import.meta.url).pathname;
  execFileSync('bash', [script, 'prepare', name, String(port)], { stdio: 'pipe' });
  const begun = performance.now();
  execFileSync('bash', [script, 'create', name, String(port)], { stdio: 'pipe' });
  await firstInsert(() => port, name);
  note('floor: POST to first INSERT without a control plane', performance.now() - begun);
  execFileSync('bash', [script, 'remove', name, String(port)], { stdio: 'pipe' });
}

for (let i = 0; i < REPEATS; i += 1) {
  await windlass(`bench${i}`);
  await floor(`floor${i}`, 26000 + i);
}
console.log('| what | median ms | range ms | n |\n| --- | --- | --- | --- |');
for (const [what, values] of samples) {
  const sorted = values.sort((a, b) => a - b);
  const f = (x) => (x < 10 ? x.toFixed(1) : Math.round(x));
  console.log(
    `| ${what} | ${f(sorted[sorted.length >> 1])} | ${f(sorted[0])} to ${f(sorted.at(-1))} | ${sorted.length} |`,
  );
}
