// Nodes of three members, ours and stock, under one shape, so that the same fault can be done to both.
import path from 'node:path';
import { containerOf, create, ended, portsOf, remove, superuser } from './api.mjs';
import { createStock, prepareFloor, removeStock, stockPorts, stockReady } from './floors.mjs';
import { ETCD, HOME, hostIds, sh, until } from './stack.mjs';
import { Writer } from './writer.mjs';

export const HOSTS = hostIds(3);
export const SYNC = { postgresql_conf: { synchronous_standby_names: '*' } };

/** How often a member of ours streams, and how often synchronously, as the primary tells it. */
async function standbys(service) {
  const [streaming, synchronous] = (
    await superuser(
      await containerOf(service),
      "SELECT count(*) FILTER (WHERE state='streaming'), count(*) FILTER (WHERE sync_state<>'async') FROM pg_stat_replication",
    )
  ).split('|');
  return { streaming: Number(streaming), synchronous: Number(synchronous) };
}

/** Says whether a node of ours is what its task claims: two standbys stream, one of them synchronously where asked for. */
export async function proveReady(id, sync) {
  for (const instance of Object.keys(await portsOf(id))) {
    const found = await standbys(`postgres-${instance}`).catch(() => ({ streaming: 0 }));
    if (found.streaming === 2 && (!sync || (found.synchronous > 0 && (await named(id))))) return true;
  }
  return false;
}

/** Postgres calls a standby synchronous a turn of Patroni earlier than that one may take over: until then it is `degraded`. */
async function named(id) {
  const files = ['--cacert', 'ca/ca.crt', '--cert', 'ca/root.crt', '--key', 'ca/root.key'];
  const access = files.map((word) => (word.startsWith('--') ? word : path.join(HOME, word)));
  const text = await sh('etcdctl', [
    '--endpoints',
    ETCD,
    ...access,
    'get',
    `/patroni/${id}:n1/sync`,
    '--print-value-only',
  ]);
  return Boolean(JSON.parse(text || '{}').sync_standby);
}

/** A node of ours with a writer at work. `primary` is the container that takes the writes. */
export async function openOurs(id, { sync = false } = {}) {
  await remove(id);
  await ended(id, await create(id, HOSTS, sync ? SYNC : {}));
  const ports = await portsOf(id);
  const writer = new Writer(Object.values(ports), id, 'app');
  await writer.start();
  const instanceAt = (port) => Object.keys(ports).find((instance) => ports[instance] === port);
  return {
    writer,
    primary: () => containerOf(`postgres-${instanceAt(writer.port)}`),
    ready: () => until(`${id} to be whole again`, () => proveReady(id, sync), 120_000, 250),
    close: () => remove(id),
  };
}

/** The same of a stock Patroni (ttl 30, loop_wait 10). With `restart: none` a dead container has to be brought back. */
export async function openStock(name, { restart = 'any' } = {}) {
  await prepareFloor();
  await createStock(name, { restart });
  const writer = new Writer(stockPorts, 'postgres', 'windlass');
  await writer.start();
  const service = () => `${name}-m${stockPorts.indexOf(writer.port)}`;
  return {
    writer,
    service,
    primary: () => containerOf(service()),
    revive: (dead) => sh('docker', ['service', 'update', '--force', '--detach', dead]),
    ready: () => stockReady(),
    close: () => removeStock(name),
  };
}
