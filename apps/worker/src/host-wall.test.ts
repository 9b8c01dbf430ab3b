import { createMemoryKv } from '@windlass/resources/store';
import type { Wall } from '@windlass/resources/platform/clients';
import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';
import { HostWall } from './host-wall.ts';

const hostAt = (id: string, address: string): HostRecord => ({
  id, dataDir: '/data', swarmNodeId: id, controlAvailable: true, peerAddresses: [address], clientAddresses: [address], cpus: 2,
  memoryBytes: 1, images: [], components: {}, seenAt: '',
}); // prettier-ignore
const network = { name: 'windlass-host-a', device: 'wl-a', authority: 'a', publishOn: '127.0.0.1' };
const told: string[] = [];
const log = {
  info: (_facts: object, sentence: string) => void told.push(sentence),
  warn: (_facts: object, sentence: string) => void told.push(sentence),
};
beforeEach(() => void told.splice(0));

async function wallOf(build: (wall: Wall) => Promise<void>): Promise<HostWall> {
  const kv = createMemoryKv();
  for (const host of [hostAt('a', '127.0.0.1'), hostAt('b', '192.0.2.8'), hostAt('c', '192.0.2.9')])
    await kv.commit([], [hostRecords.put(host, host.id)]);
  const wall = new HostWall({
    ...{ kv, host: { network, etcdEndpoints: ['https://192.0.2.1:2379'] }, control: ['192.0.2.2', '127.0.0.1'] },
    ...{ allowed: [{ address: '192.0.2.7', port: 9000 }], log, build },
  });
  await wall.start();
  wall.stop();
  return wall;
}

test('containers reach etcd and what is allowed, and no other port of a machine of the cluster', async () => {
  const built: Wall[] = [];
  await wallOf((wall) => Promise.resolve(void built.push(wall)));
  expect(built).toEqual([
    {
      device: 'wl-a',
      open: [
        { address: '192.0.2.1', port: 2379 },
        { address: '192.0.2.7', port: 9000 },
      ],
      ours: ['192.0.2.1', '192.0.2.2', '192.0.2.8', '192.0.2.9'],
    },
  ]);
  expect(told).toEqual(['containers of databases reach etcd, and nothing else of the cluster']);
});

test('where the packet filter cannot be set, that is said once, and the worker goes on', async () => {
  const wall = await wallOf(() => Promise.reject(new Error('iptables: Permission denied')));
  await wall.start();
  wall.stop();
  expect(told).toEqual([expect.stringMatching(/reach what listens on machines of the cluster/)]);
});
