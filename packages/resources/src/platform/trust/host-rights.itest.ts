import { openEtcdKv, type Kv } from '../../store/index.ts';
import { connectEtcd } from '../../store/etcd.ts';
import { openRealEtcd, type RealEtcd } from '../../testing/real-etcd.ts';
import { readFile } from 'node:fs/promises';
import { createAccounts, type AccountsPort } from './accounts.ts';
import { createCertificates } from '../clients/certificates.ts';
import { hostRights } from './host-rights.ts';

let etcd: RealEtcd;
let accounts: AccountsPort;
let root: Kv;
let host: Kv;
let close: () => void;

beforeAll(async () => {
  etcd = await openRealEtcd();
  const client = connectEtcd(etcd.connection);
  close = () => client.close();
  accounts = createAccounts(client);
  await accounts.create('host-a', 'a-password', hostRights('host-2'));
  root = await openEtcdKv(etcd.connection);
  const keyPem = await readFile(`${etcd.directory}/ca.key`, 'utf8');
  const { issue } = createCertificates(() => Promise.resolve({ certPem: etcd.connection.caPem, keyPem }));
  const leaf = await issue({ commonName: 'host-a', names: [], days: 1 });
  host = await openEtcdKv({ ...etcd.connection, certPem: leaf.certPem, keyPem: leaf.keyPem });
});
afterAll(async () => {
  await host.close();
  await root.close();
  close();
  await etcd.close();
});

const put = (kv: Kv, key: string) => kv.commit([{ key, revision: 0 }], [{ put: key, value: 1 }]);
const REFUSED = { code: 'not_a_member' };

test.each([
  'hosts/host-2',
  'resources/shop/a::b',
  'instance-status/shop/a',
  'ports/host-2/5432',
  'leftovers/host-2/shop',
  'task-logs/database/shop/1/1',
  'secrets/database/shop/a',
])('a host may write %s', async (key) => {
  // prettier-ignore
  expect(await put(host, key)).not.toBe(false);
  expect((await host.get(key))?.value).toBe(1);
});

test.each(['cluster', 'databases/shop', 'specs/shop', 'data-keys/database/shop', 'hosts/host-1', 'removals/host-2'])(
  'it may read %s, and not write it',
  async (key) => {
    // prettier-ignore
    await put(root, key);
    expect((await host.get(key))?.value).toBe(1);
    await expect(put(host, key)).rejects.toMatchObject(REFUSED);
  },
);

test.each([
  'join-tokens/x',
  'members/host/host-2',
  'idempotency/x',
  'wrapped-keys/database/shop',
  'master-key',
  'secrets/swarm/join',
])('it may not even read %s', async (key) => {
  await expect(host.get(key)).rejects.toMatchObject(REFUSED);
});

test.each(['hosts/host-22', 'ports/host-22/1', 'ports/host-2'])(
  'a name that only begins like its own, %s, is not',
  async (key) => {
    // prettier-ignore
    await expect(put(host, key)).rejects.toMatchObject(REFUSED);
  },
);

test('lists and watches what it works with', async () => {
  for (const prefix of ['hosts/', 'resources/', 'databases/', 'specs/', 'leftovers/host-2/']) await host.list(prefix);
  let see: (change: unknown) => void = () => undefined;
  const seen = new Promise((resolve) => (see = resolve));
  const watch = await host.watch(
    'resources/',
    (change) => see(change),
    () => undefined,
  );
  await put(host, 'resources/shop/c::d');
  expect(await seen).toMatchObject({ key: 'resources/shop/c::d' });
  await watch.close();
});

test('an account that is removed can do nothing from then on, on the connection it has', async () => {
  await accounts.remove('host-a');
  await expect(host.get('hosts/host-2')).rejects.toMatchObject(REFUSED);
  await accounts.remove('host-a');
});
