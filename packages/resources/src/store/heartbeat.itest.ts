import { setTimeout as delay } from 'node:timers/promises';
import { createAccounts } from '../platform/trust/accounts.ts';
import { hostRights } from '../platform/trust/host-rights.ts';
import { createCertificates } from '../platform/clients/certificates.ts';
import { openRealEtcd, type RealEtcd } from '../testing/real-etcd.ts';
import { openTcpProxy } from '../testing/tcp-proxy.ts';
import { connectEtcd, openEtcdKv, type EtcdOptions } from './etcd.ts';
import { Heartbeat } from './heartbeat.ts';
import { heartbeats } from '../platform/records/index.ts';
import type { Kv } from './kv.ts';
import { readFile } from 'node:fs/promises';

let etcd: RealEtcd;
let kv: Kv;
beforeAll(async () => {
  etcd = await openRealEtcd();
  kv = await openEtcdKv(etcd.connection);
});
afterAll(async () => {
  await kv.close();
  await etcd.close();
});

const beats = async (id: string) => (await kv.get(heartbeats.key(id))) !== undefined;

async function until(probe: () => Promise<boolean>): Promise<void> {
  while (!(await probe().catch(() => false))) await delay(20);
}

async function beat(id: string, options: EtcdOptions = etcd.connection) {
  const client = connectEtcd(options);
  const heartbeat = new Heartbeat(client, heartbeats.key(id), () => undefined);
  const started = await heartbeat.start();
  const close = async () => {
    await heartbeat.stop();
    client.close();
  };
  return { started, close };
}

test('it is there while the process lives, for longer than etcd would keep it, and gone at once when that ends in order', async () => {
  const { close } = await beat('a');
  const { revision = 0 } = (await kv.get(heartbeats.key('a'))) ?? {};
  const until = performance.now() + 5000;
  while (performance.now() < until) {
    expect((await kv.get(heartbeats.key('a')))?.revision).toBe(revision); // not written again
    await delay(100);
  }
  await close();
  expect(await beats('a')).toBe(false);
});

test('a process that is cut off is forgotten within 3 s, and is there again when it is back', async () => {
  const proxy = await openTcpProxy(etcd.port);
  const { close } = await beat('b', { ...etcd.connection, endpoints: [`https://127.0.0.1:${String(proxy.port)}`] });
  proxy.cut();
  const cut = performance.now();
  await until(async () => !(await beats('b')));
  expect(performance.now() - cut).toBeLessThan(3000);
  proxy.mend();
  await until(() => beats('b'));
  await close();
  await proxy.close();
});

test('it outlives a kill of etcd', async () => {
  const { close } = await beat('c');
  await etcd.kill();
  await etcd.start();
  await until(() => beats('c'));
  await close();
});

test('a host may have one of its own, and a worker whose account knows no heartbeats does without', async () => {
  const client = connectEtcd(etcd.connection);
  const accounts = createAccounts(client);
  await accounts.create('host-d', 'a-password', hostRights('d'));
  const file = (name: string) => readFile(`${etcd.directory}/${name}`, 'utf8');
  const ca = { certPem: await file('ca.crt'), keyPem: await file('ca.key') };
  const leaf = await createCertificates(() => Promise.resolve(ca)).issue({ commonName: 'host-d', names: [], days: 1 });
  const asHost = { ...etcd.connection, certPem: leaf.certPem, keyPem: leaf.keyPem };
  const [own, other] = [await beat('d', asHost), await beat('e', asHost)];
  expect([own.started, await beats('d'), other.started, await beats('e')]).toEqual([true, true, false, false]);
  await accounts.allow('host-d', hostRights('e')); // as a server of a new release does
  const allowed = await beat('e', asHost);
  expect([allowed.started, await beats('e')]).toEqual([true, true]);
  await Promise.all([own.close(), other.close(), allowed.close()]);
  client.close();
});
