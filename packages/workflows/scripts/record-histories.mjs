// node packages/workflows/scripts/record-histories.mjs: runs each kind of change against a stack (bin/up) and stores the
// histories, in clear, in src/testdata/histories, which the replay test runs through the workflows of today. Run it again after a
// change of a workflow that open runs need not survive. API, TEMPORAL_ADDRESS (127.0.0.1:7233), RECORD_HOST (host-1).
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { decodedHistory, remoteCodec } from './remote-codec.mjs';

const API = process.env.API ?? 'http://127.0.0.1:3000';
const HOST = process.env.RECORD_HOST ?? 'host-1';
const FOLDER = new URL('../src/testdata/histories/', import.meta.url);
const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233' });
const client = new Client({ connection, dataConverter: { payloadCodecs: [remoteCodec()] } });

async function call(method, path, body) {
  const headers = body && { 'content-type': 'application/json' };
  const response = await fetch(API + path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.message}`);
  return answer;
}

const spec = (more = {}) => ({
  database_name: 'replay',
  port: 0,
  database_users: [{ username: 'app', password: 'not-in-any-history', db_owner: true, attributes: ['LOGIN'] }],
  nodes: [{ name: 'n1', host_ids: [HOST] }],
  ...more,
});

async function until(probe) {
  for (;;) {
    const found = await probe();
    if (found) return found;
    await sleep(20);
  }
}

/** Of a task that others need not wait for. */
const BESIDE = (id, { task_id }) => `database/${id}/backups/${task_id}`;

/** Sends one change, waits until its task has ended as it should and stores the history of its run. */
async function record(
  name,
  expected,
  id,
  send,
  { during = async () => undefined, runOf = () => `database/${id}` } = {},
) {
  const { task } = await send();
  const at = `/v1/databases/${id}/tasks/${task.task_id}`;
  await during(at);
  const { status, error } = await until(async () => {
    const now = await call('GET', at);
    return ['completed', 'failed', 'canceled'].includes(now.status) && now;
  });
  if (status !== expected) throw new Error(`${name}: the task is ${status}, not ${expected}: ${error ?? ''}`);
  await store(name, runOf(id, task));
  console.log(`${name}: ${status}`);
}

async function store(name, workflowId) {
  const handle = client.workflow.getHandle(workflowId);
  await until(async () => (await handle.describe()).status.name !== 'RUNNING');
  await writeFile(new URL(`${name}.json`, FOLDER), await toText(await handle.fetchHistory()));
}

const UNSAID = { identity: 'recorded', binaryChecksum: 'recorded', stackTrace: '' };
/** Of a failure, in base64. */
const withoutStack = (data) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(data, 'base64').toString()), stack_trace: '' })).toString(
    'base64',
  );
/** Who ran it, where its code lay and which worker's own queue was used: no replay looks at it. One event a line. */
async function toText(history) {
  const without = (key, value) => {
    if (key in UNSAID && typeof value === 'string') return UNSAID[key];
    if (key === 'encodedAttributes') return { ...value, data: withoutStack(value.data) };
    return value?.kind === 'TASK_QUEUE_KIND_STICKY' ? { ...value, name: 'recorded' } : value;
  };
  const { events } = await decodedHistory(JSON.parse(historyToJSON(history)));
  return `{"events":[\n${events.map((event) => JSON.stringify(event, without)).join(',\n')}\n]}\n`;
}

const firstStep = (at) =>
  until(async () => (await call('GET', `${at}/log`)).entries.some((e) => /service/.test(e.message)));
const change = (id, more) => () => call('POST', `/v1/databases/${id}`, { spec: spec(more) });
const create = (id, more) => () => call('POST', '/v1/databases', { id, spec: spec(more) });
const remove = (id) => () => call('DELETE', `/v1/databases/${id}?force=true`);

await mkdir(FOLDER, { recursive: true });
await record('create', 'completed', 'replay-a', create('replay-a'));
await record('update', 'completed', 'replay-a', change('replay-a', { postgresql_conf: { work_mem: '9MB' } }));
await record(
  'update-nothing-to-do',
  'completed',
  'replay-a',
  change('replay-a', { postgresql_conf: { work_mem: '9MB' } }),
);
await record('delete', 'completed', 'replay-a', remove('replay-a'));
await record('create-canceled', 'canceled', 'replay-b', create('replay-b'), {
  during: async (at) => {
    await firstStep(at);
    await call('GET', `${at}/cancel`);
  },
});
await record('delete-after-cancel', 'completed', 'replay-b', remove('replay-b'));
const wrong = { scripts: { post_database_create: ['SELECT 1/0'] } };
await record('create-failed', 'failed', 'replay-c', create('replay-c', wrong));
await record('delete-after-failure', 'completed', 'replay-c', remove('replay-c'));

// Of several nodes. The stack of `bin/up` is enough: both are on one host.
const SEVERAL = { nodes: ['n1', 'n2'].map((name) => ({ name, host_ids: [HOST] })) };
const several = '/v1/databases/replay-d';
/** As the superuser on the primary of a node. */
async function sql(node, ...statements) {
  const { instances } = await call('GET', several);
  const { id } = instances.find((one) => one.node_name === node);
  const labels = ['--filter', `label=pgedge.instance.id=${id}`, '--filter', 'label=pgedge.component=postgres'];
  const { stdout } = await promisify(execFile)('docker', ['ps', '-q', ...labels]);
  const psql = ['psql', '-h', '/tmp', '-U', 'windlass', '-d', 'replay', '-Atq', '-v', 'ON_ERROR_STOP=1'];
  await promisify(execFile)('docker', ['exec', stdout.trim(), ...psql, ...statements.flatMap((one) => ['-c', one])]);
}
/** What is done so is done on one node alone. */
const ALONE = 'SET session_replication_role = replica';
const stream = async (node) => (await call('GET', `${several}/replication`)).pairs.find((one) => one.node === node);

await record('create-nodes', 'completed', 'replay-d', create('replay-d', SEVERAL));
await record('compare-nodes', 'completed', 'replay-d', () => call('POST', `${several}/compare`, {}), {
  runOf: BESIDE,
});
await call('GET', `${several}/conflicts`);
const listed = await until(async () => {
  for await (const run of client.workflow.list({ query: `WorkflowType = 'listConflicts'` }))
    if (run.workflowId.startsWith('conflicts/replay-d/n1/')) return run.workflowId;
  return undefined;
});
await store('list-conflicts', listed);
console.log('list-conflicts');
await sql('n1', ALONE, 'CREATE TABLE public.t (id int PRIMARY KEY)');
await sql('n1', 'INSERT INTO public.t VALUES (1)'); // there is no such table on n2
const lsn = await until(async () => (await stream('n2')).stopped_at);
const skip = { peer: 'n1', lsn };
await record('skip-transaction', 'completed', 'replay-d', () => call('POST', `${several}/nodes/n2/skip`, skip), {
  runOf: BESIDE,
});
await record('delete-nodes', 'completed', 'replay-d', remove('replay-d'));
await connection.close();
