import { refKey, type Desired } from '../../engine/resource.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';
import { compose, type StoredDatabase } from './index.ts';

const hostOf = (id: string, more: Partial<HostRecord> = {}): HostRecord => ({
  id, dataDir: '/data', swarmNodeId: id, controlAvailable: true, peerAddresses: [], clientAddresses: [], cpus: 2,
  memoryBytes: 8 * 2 ** 30, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], replicatorImages: [{ id: 'sha256:2', hash: '' }],
  components: {}, seenAt: '', ...more,
}); // prettier-ignore
const hosts = ['host-1', 'host-2'].map((id) => hostOf(id));

const stored = (nodes: Record<string, string[]>): StoredDatabase => ({
  spec: {
    database_name: 'shop',
    postgres_version: '17.6',
    nodes: Object.entries(nodes).map(([name, ids]) => ({ name, host_ids: ids })),
  },
  passwordVersions: {},
  nodeNumbers: { current: { n1: 4, n2: 2 }, given: [1, 2, 3, 4] },
});
const two = stored({ n1: ['host-1', 'host-2'], n2: ['host-1'] });
const of = (database: StoredDatabase, stopped: string[] = []): Desired[] =>
  compose(database, { databaseId: 'hello', hosts, stopped });
const named = (wanted: readonly Desired[], kind: string): Desired[] => wanted.filter((d) => d.ref.kind === kind);
const instances = (wanted: readonly Desired[]): Record<string, string> =>
  Object.fromEntries(
    named(wanted, 'swarm.service').map(({ spec }) => {
      const { nodeName, hostId, instanceId } = spec as Record<string, string>;
      return [`${String(nodeName)} on ${String(hostId)}`, instanceId ?? ''];
    }),
  );

describe('a database of several nodes', () => {
  it('has a replicator beside every instance, which knows where the primaries of all peers may be', () => {
    const wanted = of(two);
    const at = instances(wanted);
    const specs = named(wanted, 'replication.service').map((d) => d.spec as Record<string, unknown>);
    expect(specs.map(({ name, number, own, peers }) => ({ name, number, own, peers }))).toEqual([
      ...['n1 on host-1', 'n1 on host-2'].map((place) => ({
        ...{ name: `repl-${at[place] ?? ''}`, number: 4, own: `postgres-${at[place] ?? ''}:5432` },
        peers: [{ number: 2, name: 'n2', hosts: [`postgres-${at['n2 on host-1'] ?? ''}:5432`] }],
      })),
      {
        ...{ name: `repl-${at['n2 on host-1'] ?? ''}`, number: 2, own: `postgres-${at['n2 on host-1'] ?? ''}:5432` },
        peers: [
          {
            ...{ number: 4, name: 'n1' },
            hosts: ['n1 on host-1', 'n1 on host-2'].map((place) => `postgres-${at[place] ?? ''}:5432`),
          },
        ],
      },
    ]);
  });

  it('starts a replicator when everything is there in the databases of all nodes', () => {
    for (const { dependsOn } of named(of(two), 'replication.service'))
      expect(dependsOn.map(({ ref }) => refKey(ref))).toEqual(
        expect.arrayContaining(['replication.schema::n1', 'replication.schema::n2']),
      );
  });

  it('watches and copies what scripts make when all of it is there', () => {
    const scripts = { post_database_create: ['CREATE TABLE w (id int PRIMARY KEY)'] };
    const database = { ...two, spec: { ...two.spec, scripts }, nodeSources: { n2: { source: 'n1', there: ['n1'] } } };
    const [first, second] = named(of(database), 'replication.schema').map(({ dependsOn }) =>
      dependsOn.map(({ ref }) => refKey(ref)),
    );
    expect(first).toContain('postgres.script::n1:post_database_create');
    expect(second?.filter((key) => key.startsWith('postgres.script'))).toEqual([]);
    const [copy] = named(of(database), 'replication.copy');
    expect(copy?.dependsOn.map(({ ref }) => refKey(ref))).toContain('replication.schema::n1');
  });

  it('has slots for a copy of another node before anybody writes: it waits for nobody but that one', () => {
    const three = stored({ n1: ['host-1'], n2: ['host-1'], n3: ['host-2'] });
    const wanted = of({
      ...three,
      nodeNumbers: { current: { n1: 1, n2: 2, n3: 3 }, given: [1, 2, 3] },
      nodeSources: { n3: { source: 'n2', there: ['n2'] } },
    });
    const slots = named(wanted, 'replication.slots').map(({ ref, spec }) => [
      ref.id,
      (spec as { peers: number[] }).peers,
    ]);
    expect(slots).toEqual([
      ['n1', [2, 3]],
      ['n2', [1]],
    ]);
    const [copy] = named(wanted, 'replication.copy');
    expect(copy?.spec).toMatchObject({ source: 2, there: [{ number: 2 }], peers: [{ number: 1 }, { number: 2 }] });
  });

  it('lets the replicators in by certificate, in no other way, and nobody else with their role', () => {
    const [cluster] = named(of(two), 'patroni.cluster');
    const { pgHba, pgIdent } = cluster?.spec as { pgHba: string[]; pgIdent: string[] };
    const lines = pgHba.filter((line) => line.includes('windlass_replicator'));
    expect(lines[0]).toBe('hostssl all windlass_replicator all cert map=windlass_replicators');
    expect(lines.slice(1).map((line) => line.split(' ').at(-1))).toEqual(['reject', 'reject', 'reject']);
    expect(pgIdent.filter((line) => line.startsWith('windlass_replicators '))).toEqual([
      expect.stringMatching(/^windlass_replicators replicator-[0-9a-f]{32} windlass_replicator$/),
    ]);
  });

  it('has nothing to be done about a node of which nothing runs; the other waits for it no longer', () => {
    const stoppedId = instances(of(two))['n2 on host-1'] ?? '';
    const wanted = of(two, [stoppedId]);
    const paused = wanted.filter((d) => d.paused && d.ref.kind.startsWith('replication.'));
    expect(paused.map((d) => refKey(d.ref))).toEqual([
      'replication.schema::n2',
      'replication.slots::n2',
      'replication.streams::n2',
    ]);
    const [streams] = named(wanted, 'replication.streams');
    expect((streams?.spec as { instances: unknown }).instances).toMatchObject({ n2: [] });
  });

  it('is one with one node when there is one, whatever there was before', () => {
    const one = of(stored({ n1: ['host-1'] }));
    expect(one.filter((d) => d.ref.kind.startsWith('replication.'))).toEqual([]);
    expect(JSON.stringify(one)).not.toContain('windlass_replicator');
  });

  it('is refused where a host has no image of the replicator', () => {
    const old = [hostOf('host-1', { replicatorImages: undefined }), hostOf('host-2')];
    expect(() => compose(two, { databaseId: 'hello', hosts: old })).toThrow(
      "host 'host-1' has no image of the replicator",
    );
  });
});
