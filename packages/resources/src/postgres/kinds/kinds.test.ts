import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clients } from '../clients/ports.ts';
import { compose } from '../compose/index.ts';
import { topologicalOrder } from '../../engine/graph.ts';
import { refKey, type Desired } from '../../engine/resource.ts';
import { kindOf, contextFor } from '../../testing/apply-all.ts';
import { describeDeletedKind, describeKind, type KindCase } from '../../testing/describe-kind.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { kinds } from './index.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';

const host: HostRecord = {
  id: 'host-1', dataDir: '/', swarmNodeId: 'node-1', controlAvailable: true, peerAddresses: [], clientAddresses: ['127.0.0.1'], cpus: 1,
  memoryBytes: 2 ** 33, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], components: {}, seenAt: '',
}; // prettier-ignore

const INSIDE_POSTGRES = /^(patroni\.members|postgres\.(instance|settings|roles|database|extensions|script))$/;
const wanted = compose(
  {
    spec: { database_name: 'shop', postgres_version: '17.6', port: 0, nodes: [{ name: 'n1', host_ids: ['host-1'] }] },
    passwordVersions: {},
  },
  { databaseId: 'hello', hosts: [host] },
);
/** What is inside Postgres is put to the same suite in `kinds.itest.ts`, on a real one. */
const outside = new Map<string, Desired>(
  wanted.filter((d) => !INSIDE_POSTGRES.test(d.ref.kind)).map((d) => [refKey(d.ref), d]),
);
const order = topologicalOrder([...outside.keys()], (key) =>
  (outside.get(key)?.dependsOn ?? []).map((d) => refKey(d.ref)),
);

let root: string;
let clients: Clients;
const statuses = new Map<string, unknown>();

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'windlass-kinds-'));
  clients = await createFakeClients(root);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const file = (d: Desired, name: string): string => `instances/${d.ref.id}/${name}`;
const scopeName = (d: Desired): string => (d.spec as { readonly scope: string }).scope;

const networkId = (d: Desired): string => (statuses.get(refKey(d.ref)) as { readonly networkId: string }).networkId;

const disturbances: Readonly<Record<string, (d: Desired) => Promise<void>>> = {
  'host.directories': (d) => clients.files.removeTree(file(d, 'config')),
  'host.port': (d) => clients.ports.release('host-1', 20_000, d.ref.id),
  'swarm.network': (d) => clients.docker.removeNetwork(networkId(d), new AbortController().signal),
  'swarm.service': (d) => clients.docker.removeService(d.ref.id, new AbortController().signal),
  'postgres.identity': (d) => clients.secrets.remove(`database/hello/identity/${d.ref.id}`),
  'etcd.access': (d) => clients.dcs.removeUser(`instance-${d.ref.id}`),
  'postgres.certificates': (d) => clients.files.write(file(d, 'certs/server.crt'), 'not a certificate'),
  'patroni.config': (d) => clients.files.write(file(d, 'config/patroni.yaml'), 'name: other\n'),
  'patroni.cluster': (d) => clients.dcs.putConfig(scopeName(d), { ttl: 99 }),
};

const caseOf = (key: string): KindCase => {
  const desired = outside.get(key);
  if (!desired) throw new Error(`'${key}' is not composed`);
  const disturb = disturbances[desired.ref.kind];
  return {
    kind: kindOf(kinds, desired.ref.kind),
    clients,
    entityId: 'hello',
    desired,
    statuses,
    ...(disturb && { disturb: () => disturb(desired) }),
  };
};

describe('every kind outside Postgres, on fakes', () => {
  it('has something that may happen to it', () => {
    expect(Object.keys(disturbances).sort()).toEqual([...new Set([...outside.values()].map((d) => d.ref.kind))].sort());
  });

  for (const key of order) describeKind(key, () => caseOf(key));

  it.each(['swarm.network', 'swarm.service'])('%s of somebody else is refused, not adopted', async (name) => {
    const key = order.find((one) => one.startsWith(name)) ?? '';
    const { kind, desired } = caseOf(key);
    const context = contextFor(clients, 'another', desired.ref, statuses);
    await expect(kind.create(desired.spec, context)).rejects.toThrow(
      `does not belong to '${key}' of database 'another'`,
    );
    await expect(kind.delete({ spec: desired.spec }, context)).rejects.toThrow('does not belong to');
  });

  describe('afterwards', () => {
    for (const key of [...order].reverse()) describeDeletedKind(key, () => caseOf(key));
  });
});
