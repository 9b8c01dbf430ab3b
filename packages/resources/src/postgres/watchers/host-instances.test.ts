import { createMemoryKv } from '../../store/index.ts';
import { aResource } from '../../testing/index.ts';
import { HostInstances } from './host-instances.ts';
import { instanceRecord } from '../../testing/instance-fixture.ts';

const KEY = 'resources/shop/postgres.instance::shop-n1-a';
const MEMBERS = 'resources/shop/patroni.members::shop:n1';
const CONFIG = 'resources/shop/pgbackrest.config::shop-n1-a';
const ROLES = 'resources/shop/postgres.roles::n1';
const PORT = 'resources/shop/host.port::shop-n1-a';
const elsewhere = { ...instanceRecord, executor: { on: 'host', hostId: 'host-2' } };
const membersOf = (members: readonly string[]) =>
  aResource('patroni.members', 'shop:n1', { spec: { members, synchronousStandbys: 1 } });
const members = membersOf(['a', 'b']);
const port = (number: number) => aResource('host.port', 'shop-n1-a', { status: { port: number } });
const config = aResource('pgbackrest.config', 'shop-n1-a');
const rolesOf = (phase: 'ready' | 'applying', roles: readonly object[]) =>
  aResource('postgres.roles', 'n1', { phase, spec: { nodeName: 'n1', roles } });

const keysOf = (instances: HostInstances, databaseId?: string): string[] =>
  instances.list(databaseId).map(({ key }) => key);

async function open(...writes: { put: string; value: unknown }[]) {
  const kv = createMemoryKv();
  await kv.commit([], writes);
  const gone: string[] = [];
  const errors: unknown[] = [];
  const instances = new HostInstances(
    kv,
    'host-1',
    ({ instanceId }) => gone.push(instanceId),
    (err) => errors.push(err),
  );
  await instances.start();
  const change = async (...more: Parameters<typeof kv.commit>[1]) => {
    await kv.commit([], more);
    await new Promise(setImmediate); // the watch tells it
  };
  return { kv, instances, gone, change, errors };
}

test('an instance comes with its port, its node and the revision of its record', async () => {
  const { kv, instances } = await open(
    { put: KEY, value: instanceRecord },
    { put: MEMBERS, value: members },
    { put: PORT, value: port(5001) },
    { put: 'resources/shop/postgres.instance::shop-n1-b', value: elsewhere },
  );
  expect(keysOf(instances)).toEqual([KEY]);
  const { revision } = (await kv.get(KEY)) ?? {};
  const facts = { databaseId: 'shop', scope: 'shop:n1', serviceName: 'postgres-shop-n1-a' };
  expect(instances.get(KEY)).toMatchObject({ ...facts, port: 5001, synchronous: true, revision });
  expect(keysOf(instances, 'shop')).toEqual([KEY]);
  expect(keysOf(instances, 'sho')).toEqual([]);
});

test('what changes is known from the watch; an instance that leaves the host, or is being deleted, is gone once', async () => {
  const { kv, instances, gone, change } = await open({ put: KEY, value: instanceRecord });
  expect(instances.get(KEY)).toMatchObject({ port: undefined, synchronous: false, archives: false });
  await change({ put: PORT, value: port(5002) }, { put: MEMBERS, value: members });
  await change({ put: KEY, value: { ...instanceRecord, version: 2 } }, { put: CONFIG, value: config });
  const { revision } = (await kv.get(KEY)) ?? {};
  expect(instances.get(KEY)).toMatchObject({ port: 5002, synchronous: true, archives: true, revision });
  await change({ put: MEMBERS, value: membersOf(['a']) });
  await change({ put: CONFIG, value: { ...config, phase: 'deleting' } });
  expect(instances.get(KEY)).toMatchObject({ synchronous: false, archives: false });
  await change({ put: KEY, value: { ...instanceRecord, phase: 'deleting' } });
  await change({ remove: KEY });
  expect([keysOf(instances), gone]).toEqual([[], ['shop-n1-a']]);
});

test('reading anew finds what the watch has not told, of one database only where asked so', async () => {
  const { kv, instances, gone } = await open({ put: KEY, value: instanceRecord }, { put: MEMBERS, value: members });
  await instances.stop();
  await kv.commit([], [{ remove: MEMBERS }, { remove: KEY }]);
  await kv.commit([], [{ put: 'resources/other/postgres.instance::other-n1-a', value: instanceRecord }]);
  await instances.reload('shop');
  expect([keysOf(instances), gone]).toEqual([[], ['shop-n1-a']]);
  await instances.reload();
  expect(keysOf(instances)).toEqual(['resources/other/postgres.instance::other-n1-a']);
});

test('users of its node are known but while they are being changed', async () => {
  const roles = [{ name: 'app', attributes: ['LOGIN'], memberOf: [] }];
  const { instances, change } = await open(
    { put: KEY, value: instanceRecord },
    { put: ROLES, value: rolesOf('ready', roles) },
  );
  expect(instances.get(KEY)?.declared.roles).toEqual(roles);
  await change({ put: ROLES, value: rolesOf('applying', []) });
  expect(instances.get(KEY)?.declared.roles).toBeUndefined();
  await change({ put: ROLES, value: rolesOf('ready', []) });
  expect(instances.get(KEY)?.declared.roles).toEqual([]);
  await change({ remove: ROLES });
  await instances.reload();
  expect(instances.get(KEY)?.declared.roles).toBeUndefined();
});

test('a record that cannot be read is told, keeps nobody else away, and is no end of the instance it is about', async () => {
  const other = 'resources/shop/postgres.instance::shop-n1-c';
  const { instances, gone, change, errors } = await open({ put: KEY, value: { ...instanceRecord, spec: {} } }, { put: PORT, value: {} }, { put: other, value: instanceRecord }); // prettier-ignore
  expect(keysOf(instances)).toEqual([other]);
  expect(errors).toMatchObject([{ message: expect.stringContaining(PORT) }, { message: expect.stringContaining(KEY) }]);
  await change({ put: other, value: { phase: 'deleting' } });
  await instances.reload();
  expect([keysOf(instances), gone]).toEqual([[other], []]);
  expect(errors).toContainEqual(expect.objectContaining({ code: 'record_unreadable' }));
});

test('of kinds that say nothing about an instance nothing is read', async () => {
  const { change, errors } = await open({ put: 'resources/shop/swarm.network::net', value: {} });
  await change({ put: 'resources/shop/swarm.service::postgres-shop-n1-a', value: { phase: 'deleting' } });
  expect(errors).toEqual([]);
});
