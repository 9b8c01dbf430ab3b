// A thousand databases that are declared and have no containers, as a store would hold them: most on hosts that are
// only simulated here, whose records and statuses this process writes as often as workers would.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compose } from '../packages/resources/dist/postgres/compose/index.js';
import { partOf, planParts, planRecords, refKey, resourceRecords } from '../packages/resources/dist/engine/index.js';
import { databaseEntity } from '../packages/resources/dist/entity/index.js';
import { hostRecords } from '../packages/resources/dist/platform/records/index.js';
import { databaseRecords, databaseSpecs, instanceStatuses } from '../packages/resources/dist/postgres/records/index.js';
import { connectEtcd, openEtcdKv } from '../packages/resources/dist/store/index.js';
import { taskLogEntries, taskRecords } from '../packages/resources/dist/tasks/index.js';
import { call, specOf } from './api.mjs';
import { ETCD, HOME } from './stack.mjs';

const PER_HOST = 20;
/** How often a worker writes the status of an instance, and its host's record. */
const STATUS_MS = 5000;
const HOST_MS = 4000;
const TICK_MS = 50;

export const nameOf = (i) => `fleet-${String(i).padStart(4, '0')}`;

function connection() {
  const pem = (name) => readFileSync(path.join(HOME, 'ca', name), 'utf8');
  return { endpoints: [ETCD], caPem: pem('ca.crt'), certPem: pem('root.crt'), keyPem: pem('root.key') };
}

/** The store of the stack, and how large it is once its history is compacted, as etcd does by itself every hour. */
export async function openStore() {
  const kv = await openEtcdKv(connection());
  const etcd = connectEtcd(connection());
  const compacted = async () => {
    const { header } = await etcd.maintenance.status();
    await etcd.kv.compact({ revision: header.revision, physical: true });
    await etcd.maintenance.defragment();
    return Number((await etcd.maintenance.status()).dbSize) / 2 ** 20;
  };
  const close = async () => {
    etcd.close();
    await kv.close();
  };
  return { kv, compacted, close };
}

/** Declares the databases from..to on simulated hosts, whole: record, spec, resources, statuses. Gives the way to keep them alive. */
export async function declare(kv, from, to) {
  const real = (await kv.get(hostRecords.key('host-1'))).value;
  const hosts = new Map();
  const statuses = [];
  for (let i = from; i < to; i += 1) {
    const id = `sim-${Math.floor(i / PER_HOST)}`;
    const host = hosts.get(id) ?? { ...real, id };
    hosts.set(id, host);
    statuses.push(await declareOne(kv, nameOf(i), host));
  }
  return { hosts: [...hosts.values()], statuses };
}

async function declareOne(kv, id, host) {
  const now = new Date().toISOString();
  const { database_users: users, ...spec } = specOf(id, [host.id]);
  const version = host.images[0].postgresVersion;
  const declared = users.map(({ password: _password, ...user }) => user);
  const stored = {
    spec: { ...spec, postgres_version: version, database_users: declared },
    passwordVersions: { app: '0123456789abcdef' },
  };
  const records = compose(stored, { databaseId: id, hosts: [host] }).map(({ rolling: _rolling, ...wanted }) => {
    const known = { status: {}, phase: 'ready', inputsHash: '', taskId: '', updatedAt: now };
    return { put: resourceRecords.key(partOf(databaseEntity(id)), refKey(wanted.ref)), value: { ...wanted, ...known } };
  });
  const record = { id, createdAt: now, updatedAt: now, state: 'available' };
  await kv.commit([], [{ put: databaseRecords.key(id), value: record }, { put: databaseSpecs.key(id), value: stored }, ...records]); // prettier-ignore
  const { instanceId, nodeName } = records.find(({ value }) => value.ref.kind === 'postgres.instance').value.spec;
  return { instanceId, databaseId: id, nodeName, hostId: host.id, createdAt: now };
}

/** Writes records and statuses as the workers of those hosts would; the answer stops it. */
export function keepAlive(kv, { hosts, statuses }, onError) {
  const everyone = [
    { all: hosts, ms: HOST_MS, write: (host) => ({ put: hostRecords.key(host.id), value: { ...host, seenAt: new Date().toISOString() } }) },
    { all: statuses, ms: STATUS_MS, write: (status) => ({ put: instanceStatuses.key(status.databaseId, status.instanceId), value: { ...status, ...SERVES, sampledAt: new Date().toISOString() } }) },
  ]; // prettier-ignore
  const timers = everyone.map(({ all, ms, write }) => {
    let at = 0;
    let due = all.length; // everybody at once, then one after the other
    return setInterval(() => {
      for (due += (all.length * TICK_MS) / ms; due >= 1; due -= 1)
        kv.commit([], [write(all[at++ % all.length])]).catch(onError);
    }, TICK_MS);
  });
  return () => timers.forEach((timer) => clearInterval(timer));
}

const SERVES = { container: 'running', writable: true, streaming: false, role: 'primary', patroniState: 'running', postgresVersion: '17.6', timeline: 1, addresses: ['192.0.2.1'] }; // prettier-ignore

/** Everything about databases, and the simulated hosts. */
export async function wipe(kv) {
  const of = ['databases', 'specs', 'resources', 'instance-status', 'plans', 'tasks', 'task-logs', 'takeovers', 'outbox', 'secrets/database'];
  await kv.commit([], [...of, 'hosts/sim'].map((name) => ({ removePrefix: name === 'hosts/sim' ? 'hosts/sim-' : `${name}/` })));
} // prettier-ignore

/** What the tasks of a database write, without the work: so many of them, ten at a time. */
export async function pretendTasks(kv, id, from, count) {
  const plan = { steps: [], sentences: ['update postgres.settings (work_mem)'], createdAt: new Date().toISOString() };
  const record = (await kv.get(databaseRecords.key(id))).value;
  const part = partOf(databaseEntity(id));
  const { value: step } = (await kv.list(resourceRecords.under(part), { limit: 1 }))[0];
  const one = async (n) => {
    const now = new Date().toISOString();
    const taskId = `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
    const task = { taskId, scope: 'database', entityId: id, type: 'update', status: 'pending', createdAt: now, workflowId: `database/${id}` }; // prettier-ignore
    const key = taskRecords.key('database', id, taskId);
    const log = (i) => ({ put: taskLogEntries.key('database', id, taskId, String(i)), value: { entryId: String(i), timestamp: now, message: 'updating resource postgres.settings::fleet', fields: { resource_type: 'postgres.settings', resource_id: id, host_id: 'host-1' } } }); // prettier-ignore
    await kv.commit([], [{ put: key, value: task }]);
    await kv.commit([], [{ put: key, value: { ...task, status: 'running' } }, log(1), log(2), log(3), { put: planRecords.key(part, taskId), value: plan }, { put: planParts.key(part, taskId, refKey(step.ref)), value: step }]); // prettier-ignore
    const ended = { ...task, status: 'completed', completedAt: now };
    await kv.commit([], [{ put: key, value: ended }, log(4), log(5), { removePrefix: planParts.under(part, taskId) }, { put: databaseRecords.key(id), value: { ...record, updatedAt: now } }]); // prettier-ignore
  };
  for (let n = from; n < from + count; n += 10)
    await Promise.all(Array.from({ length: 10 }, (_, i) => one(n + i)));
} // prettier-ignore

export const listed = async () => (await call('GET', '/v1/databases')).databases.length;
