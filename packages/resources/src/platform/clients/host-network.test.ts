import type Docker from 'dockerode';
import { createCa } from './certificates.ts';
import { rulesOf } from './host-firewall.ts';
import { addressOnHost, ensureHostNetwork, hostNetworkOf, publishAddress } from './host-network.ts';

test('a network stands for an authority and an address; its device has a name that Linux takes', async () => {
  const [one, other] = await Promise.all([createCa('one'), createCa('other')]);
  const network = hostNetworkOf(one.certPem, '127.0.0.1');
  expect(hostNetworkOf(`${one.certPem}\n`, '127.0.0.1')).toEqual(network);
  expect(network.device).toMatch(/^wl-[0-9a-f]{10}$/);
  expect(network.name).toMatch(/^windlass-host-[0-9a-f]{10}$/);
  const names = [network, hostNetworkOf(other.certPem, '127.0.0.1'), hostNetworkOf(one.certPem, '192.0.2.1')];
  expect(new Set(names.map(({ name }) => name)).size).toBe(3);
});

test.each([
  [['192.0.2.1'], '192.0.2.1'],
  [['127.0.0.1'], '127.0.0.1'],
  [['db.example.com'], '0.0.0.0'],
  [['192.0.2.1', '127.0.0.1'], '0.0.0.0'],
  [[], '0.0.0.0'],
])('of clients at %j ports are published on %s', (addresses, expected) => {
  expect(publishAddress(addresses)).toBe(expected);
});

test('a container is found on the bridge of the host, whichever that is', () => {
  expect(addressOnHost({ shop: { IPAddress: '10.0.1.2' }, bridge: { IPAddress: '172.17.0.2' } })).toBe('172.17.0.2');
  expect(addressOnHost({ shop: { IPAddress: '10.0.1.2' }, 'windlass-host-a': { IPAddress: '172.19.0.2' } })).toBe(
    '172.19.0.2',
  );
  expect(addressOnHost({ shop: { IPAddress: '10.0.1.2' } })).toBe('');
});

test('the packet filter lets answers, names and etcd pass on this machine; on others it refuses all but etcd', () => {
  const open = [
    { address: '172.17.0.1', port: 2379 },
    { address: 'not-an-address', port: 1 },
  ];
  expect(rulesOf({ device: 'wl-a', open, ours: ['192.0.2.8', '::1'] })).toBe(
    [
      '*filter',
      ':wl-a-HOST - [0:0]',
      ':wl-a-PEERS - [0:0]',
      '-A wl-a-HOST -p udp --dport 53 -j RETURN',
      '-A wl-a-HOST -p tcp --dport 53 -j RETURN',
      '-A wl-a-HOST -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN',
      '-A wl-a-HOST -d 172.17.0.1 -p tcp -m tcp --dport 2379 -j RETURN',
      '-A wl-a-HOST -j REJECT',
      '-A wl-a-PEERS -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN',
      '-A wl-a-PEERS -d 172.17.0.1 -p tcp -m tcp --dport 2379 -j RETURN',
      '-A wl-a-PEERS -d 192.0.2.8 -j REJECT',
      'COMMIT',
      '',
    ].join('\n'),
  );
});

test('what two ask for at once is made once', async () => {
  const made: string[] = [];
  const docker = {
    listNetworks: () => Promise.resolve(made.map((Name) => ({ Name }))),
    createNetwork: async ({ Name }: { readonly Name: string }) => {
      await Promise.resolve();
      made.push(Name);
    },
  } as unknown as Docker;
  const network = { name: 'windlass-host-a', device: 'wl-a', authority: 'x', publishOn: '127.0.0.1' };
  await Promise.all([ensureHostNetwork(docker, network), ensureHostNetwork(docker, network)]);
  expect(made).toEqual(['windlass-host-a-options', 'windlass-host-a']);
});

test.each([
  ['by the engine', 409, 'network with name windlass-host-a already exists'],
  ['by the swarm', 500, 'rpc error: code = Unknown desc = name conflicts with an existing object'],
])('one that another host makes at the same time is there: said %s', async (_who, statusCode, message) => {
  const docker = {
    listNetworks: () => Promise.resolve([]),
    createNetwork: () => Promise.reject(Object.assign(new Error(message), { statusCode })),
  } as unknown as Docker;
  const network = { name: 'windlass-host-b', device: 'wl-b', authority: 'x', publishOn: '127.0.0.1' };
  await ensureHostNetwork(docker, network);
  const other = { ...docker, createNetwork: () => Promise.reject(Object.assign(new Error('no'), { statusCode: 500 })) };
  await expect(ensureHostNetwork(other as unknown as Docker, network)).rejects.toThrow('no');
});
