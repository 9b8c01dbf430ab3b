import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clients } from '@windlass/resources/postgres/clients';
import { hostRecords } from '@windlass/resources/platform/records';
import { createMemoryKv } from '@windlass/resources/store';
import { createFakeDocker } from '@windlass/resources/testing';
import type { ActivityDeps } from '../core/deps.ts';
import { validateHost } from './validate-host.ts';

const { signal } = new AbortController();
const docker = createFakeDocker();
const kv = createMemoryKv();
let roots = ['/srv'];
const clients = {
  host: {
    hostId: 'host-1',
    get allowedVolumeRoots() {
      return roots;
    },
  },
  docker,
} as unknown as Clients;
const AT = 'validation error for node n1, host host-1: ';

/** What is wrong with a node on host-1 that has these options. */
async function problemsOf(swarm: Record<string, unknown>, hostIds = ['host-1']): Promise<string[]> {
  const spec = { nodes: [{ name: 'n1', host_ids: hostIds }], orchestrator_opts: { swarm } };
  await kv.commit([], [{ put: 'proposals/p', value: { spec } }]);
  return validateHost({ kv, clients } as ActivityDeps)({ databaseId: 'shop', proposalId: 'p' });
}

beforeAll(async () => {
  await docker.createNetwork('applications', {}, signal);
  await docker.createNetwork('windlass-other', { 'windlass.database': 'other' }, signal);
});

test('extra networks that services can join are fine, by name and by id', async () => {
  const id = (await docker.network('applications'))?.id;
  expect(await problemsOf({ extra_networks: [{ id: 'applications' }, { id }] })).toEqual([]);
});

test('an extra network that services cannot join is refused with its place and the reason', async () => {
  expect(
    await problemsOf({ extra_networks: [{ id: 'applications' }, { id: 'absent' }, { id: 'windlass-other' }] }),
  ).toEqual([
    `${AT}orchestrator_opts.swarm.extra_networks[1].id: network 'absent' does not exist in the swarm`,
    expect.stringMatching(/extra_networks\[2\]\.id: network 'windlass-other' cannot be joined.*'other'/),
  ]);
});

test('a volume outside the allowed roots, a missing one and an unknown image are refused', async () => {
  const volumes = ['/etc', '/srv/absent'].map((host_path) => ({ host_path, destination_path: '/mnt' }));
  expect(await problemsOf({ extra_volumes: volumes, image: 'windlass/nothing:1' })).toEqual([
    `${AT}volumes: '/etc' is not under an allowed root (/srv)`,
    `${AT}volumes: bind source path does not exist: /srv/absent`,
    `${AT}image "windlass/nothing:1" could not be verified: it is not on this host`,
  ]);
  expect(await problemsOf({ image: 'windlass/postgres:17' })).toEqual([]);
});

test('a link under an allowed root is where it leads to', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'windlass-roots-'));
  const root = path.join(folder, 'link-to-the-root');
  mkdirSync(path.join(folder, 'root/inside'), { recursive: true });
  for (const [to, name] of [['root', 'link-to-the-root'], ['/etc', 'root/out'], ['inside', 'root/in']] as const) symlinkSync(to, path.join(folder, name)); // prettier-ignore
  roots = [root];
  const volumes = ['inside', 'in', 'out', 'out/ssl'].map((name) => ({ host_path: `${root}/${name}`, destination_path: '/mnt' })); // prettier-ignore
  const found = await problemsOf({ extra_volumes: volumes });
  roots = ['/srv'];
  rmSync(folder, { recursive: true });
  expect(found).toEqual(
    [['out', '/etc'], ['out/ssl', '/etc/ssl']].map(([name = '', to = '']) => `${AT}volumes: '${root}/${name}' leads to '${to}', which is not under an allowed root (${root})`), // prettier-ignore
  );
});

test('what another host has to carry is not checked here', async () => {
  expect(await problemsOf({ extra_networks: [{ id: 'absent' }] }, ['host-2'])).toEqual([]);
});

test('an image that the last report of its host does not know yet is in its record before a plan is made', async () => {
  const known = { id: 'host-1', images: [{ id: 'sha256:0', postgresVersion: '16.1' }] };
  const report = { ...known, ...{ dataDir: '/', swarmNodeId: 'x', controlAvailable: true, seenAt: '' } };
  const rest = { peerAddresses: [], clientAddresses: [], cpus: 1, memoryBytes: 1, components: {} };
  await kv.commit([], [hostRecords.put({ ...report, ...rest }, 'host-1')]);
  expect(await problemsOf({ image: 'windlass/postgres:17' })).toEqual([]);
  expect((await hostRecords.get(kv, 'host-1'))?.value.images).toEqual(await docker.postgresImages());
});
