import type { DatabaseSpec } from './database.ts';
import { availableUpgrades, upgradeSpec, type KnownImage } from './upgrade.ts';

const image = (postgresVersion: string, id: string, ...references: string[]): KnownImage => ({
  postgresVersion,
  id,
  references,
});
const IMAGES = [
  image('18.1', 'sha256:18', 'pg:18'),
  image('17.7', 'sha256:7', 'pg:17', 'pg:next'),
  image('17.6', 'sha256:6b', 'pg:17.6'),
  image('17.6', 'sha256:6'),
  image('17.5', 'sha256:5', 'pg:old'),
];
const hosts = [
  { id: 'host-1', images: IMAGES },
  { id: 'host-2', images: [...IMAGES, image('17.9', 'sha256:9', 'pg:only-here')] },
];
const spec = {
  database_name: 'shop',
  postgres_version: '17.6',
  nodes: [{ name: 'n1', host_ids: ['host-1', 'host-2'] }],
} as DatabaseSpec;
const refusal = (name: string, runs = ['sha256:6'], from: DatabaseSpec = spec): unknown =>
  upgradeSpec(from, name, hosts, runs);

test('names the version of the image, given by any of its names or its id', () => {
  for (const name of ['pg:17', 'pg:next', 'sha256:7'])
    expect(upgradeSpec(spec, name, hosts, ['sha256:6'])).toEqual({ spec: { ...spec, postgres_version: '17.7' } });
});

test('another build of the same version is an upgrade as long as something runs another one', () => {
  expect(upgradeSpec(spec, 'pg:17.6', hosts, ['sha256:6', 'sha256:6b'])).toEqual({ spec });
  expect(refusal('pg:17.6', ['sha256:6b'])).toEqual({ refused: 'target version 17.6 is not newer than current 17.6' });
});

test.each([
  ['pg:none', 'image not found in manifest: pg:none'],
  ['pg:only-here', 'host host-1 has no image pg:only-here'],
  ['pg:18', 'target postgres major 18 differs from current 17'],
  ['pg:old', 'target version 17.5 is not newer than current 17.6'],
])('%s is refused', (name, refused) => expect(refusal(name)).toEqual({ refused }));

test('a name that means another version on another host is refused', () => {
  const mixed = [hosts[0], { id: 'host-2', images: [image('17.8', 'sha256:8', 'pg:17')] }] as typeof hosts;
  expect(upgradeSpec(spec, 'pg:17', mixed, [])).toEqual({ refused: 'image pg:17 has version 17.7 on one host and 17.8 on another' }); // prettier-ignore
});

test('nodes that name a version or an image of their own get the new one, and count', () => {
  const swarm = { image: 'pg:17.6', extra_labels: { a: 'b' } };
  const node = { name: 'n2', host_ids: ['host-1'], postgres_version: '17.6', orchestrator_opts: { swarm } };
  const own = { ...spec, nodes: [...spec.nodes, node] } as DatabaseSpec;
  const upgraded = upgradeSpec(own, 'pg:17', hosts, []);
  expect('spec' in upgraded && upgraded.spec.nodes).toEqual([
    spec.nodes[0],
    { ...node, postgres_version: '17.7', orchestrator_opts: { swarm: { ...swarm, image: 'pg:17' } } },
  ]);
  const ahead = { ...own, nodes: [{ ...node, postgres_version: '17.8' }] } as DatabaseSpec;
  expect(refusal('pg:17', [], ahead)).toEqual({ refused: 'target version 17.7 is not newer than current 17.8' });
});

test('offers the newer images of the same major version that every host has', () => {
  expect(availableUpgrades(spec, hosts)).toEqual([
    { version: '17.7', image: 'pg:17' },
    { version: '17.7', image: 'pg:next' },
  ]);
  expect(availableUpgrades({ ...spec, postgres_version: '17.7' }, hosts)).toEqual([]);
  expect(availableUpgrades(spec, [])).toEqual([]);
});
