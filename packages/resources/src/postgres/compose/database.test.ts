import { refKey, type Desired } from '../../engine/resource.ts';
import { topologicalOrder } from '../../engine/graph.ts';
import { compose, type StoredDatabase } from './index.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';

const host: HostRecord = {
  id: 'host-1', dataDir: '/data', swarmNodeId: 'node', controlAvailable: true, peerAddresses: [], clientAddresses: ['192.0.2.7'], cpus: 2,
  memoryBytes: 8 * 2 ** 30, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], components: {}, seenAt: '',
}; // prettier-ignore

const stored = (spec: Partial<StoredDatabase['spec']> = {}): StoredDatabase => ({
  spec: {
    database_name: 'shop',
    postgres_version: '17.6',
    nodes: [{ name: 'n1', host_ids: ['host-1'] }],
    database_users: [{ username: 'app', db_owner: true, roles: ['pg_monitor'] }],
    ...spec,
  },
  passwordVersions: { app: '0123456789abcdef' },
});

const ofDatabase = (spec: Partial<StoredDatabase['spec']> = {}): Desired[] =>
  compose(stored(spec), { databaseId: 'hello', hosts: [host] });
const specOf = (desired: readonly Desired[], kind: string): Record<string, unknown> =>
  (desired.find((d) => d.ref.kind === kind)?.spec ?? {}) as Record<string, unknown>;
const lines = (spec: Record<string, unknown>, field: string): string[] => spec[field] as string[];

describe('compose', () => {
  it('gives equal lists for equal inputs, each resource once, every dependency among them', () => {
    const wanted = ofDatabase({ port: 0 });
    expect(ofDatabase({ port: 0 })).toEqual(wanted);
    const keys = wanted.map((d) => refKey(d.ref));
    expect(new Set(keys).size).toBe(keys.length);
    for (const d of wanted) for (const dependency of d.dependsOn) expect(keys).toContain(refKey(dependency.ref));
    expect(
      topologicalOrder(keys, (key) =>
        (wanted.find((d) => refKey(d.ref) === key)?.dependsOn ?? []).map((d) => refKey(d.ref)),
      ),
    ).toHaveLength(keys.length);
  });

  it('publishes a port only when there is one in the spec', () => {
    expect(ofDatabase().some((d) => d.ref.kind === 'host.port')).toBe(false);
    expect(specOf(ofDatabase({ port: 5432 }), 'host.port')['port']).toBe(5432);
  });

  it('starts without waiting for one another: port, network, directories, etcd access and cluster settings', () => {
    const first = ofDatabase({ port: 0 }).filter((d) => d.dependsOn.length === 0);
    expect(first.map((d) => d.ref.kind).sort()).toEqual([
      'etcd.access',
      'host.directories',
      'host.port',
      'patroni.cluster',
      'postgres.identity',
      'swarm.network',
    ]);
  });

  it('holds no secret, only the version of a password', () => {
    expect(JSON.stringify(ofDatabase())).not.toContain('SCRAM');
    expect(JSON.stringify(specOf(ofDatabase(), 'postgres.roles'))).toContain('passwordVersion');
  });

  it('puts lines of the node before those of the database, and both behind the rules of the system', () => {
    const spec = {
      pg_hba_conf: ['host all b all reject'],
      nodes: [{ name: 'n1', host_ids: ['host-1'], pg_hba_conf: ['host all a all reject'] }],
    };
    const hba = lines(specOf(ofDatabase(spec), 'patroni.cluster'), 'pgHba');
    const at = (text: string): number => hba.indexOf(text);
    expect(at('host all a all reject')).toBeGreaterThan(at('host all windlass,patroni_replicator all reject'));
    expect(at('host all b all reject')).toBe(at('host all a all reject') + 1);
    expect(hba.at(-1)).toBe('host all all all scram-sha-256');
  });

  it('changes no setting that needs a restart when cores change', () => {
    expect(specOf(ofDatabase({ cpus: '1' }), 'patroni.cluster')).toEqual(
      specOf(ofDatabase({ cpus: '2' }), 'patroni.cluster'),
    );
  });

  it('keeps its own library in front of those of the user', () => {
    const parameters = specOf(
      ofDatabase({ postgresql_conf: { shared_preload_libraries: 'auto_explain' } }),
      'postgres.settings',
    )['parameters'];
    expect(parameters).toMatchObject({ shared_preload_libraries: 'pg_stat_statements,auto_explain' });
  });

  it('runs post_init before the roles and post_database_create at the end', () => {
    const wanted = ofDatabase({ scripts: { post_init: ['SELECT 1'], post_database_create: ['SELECT 2'] } });
    const after = (key: string): string[] =>
      (wanted.find((d) => refKey(d.ref) === key)?.dependsOn ?? []).map((d) => refKey(d.ref));
    expect(after('postgres.roles::n1')).toContain('postgres.script::n1:post_init');
    expect(after('postgres.script::n1:post_database_create')).toContain('postgres.extensions::n1:shop');
  });

  it('keeps the image an instance runs while it is of the version asked for', () => {
    const hosts = [{ ...host, images: [...host.images, { postgresVersion: '17.6', id: 'sha256:0' }] }];
    const imageWith = (id: string): unknown =>
      specOf(
        compose(stored(), { databaseId: 'hello', hosts, currentImages: new Map([['hello-n1-689qacsi', id]]) }),
        'swarm.service',
      )['imageId'];
    expect(imageWith('sha256:0')).toBe('sha256:0');
    expect(imageWith('sha256:gone')).toBe('sha256:1');
  });

  it('takes the image of an upgrade, by name or id, for instances of its version', () => {
    const other = { postgresVersion: '17.6', id: 'sha256:2', references: ['postgres:rebuilt'] };
    const hosts = [{ ...host, images: [...host.images, other] }];
    const imageAfter = (upgradeTo: string, version = '17.6'): unknown =>
      specOf(
        compose(stored({ postgres_version: version }), {
          databaseId: 'hello',
          hosts,
          upgradeTo,
          currentImages: new Map([['hello-n1-689qacsi', 'sha256:1']]),
        }),
        'swarm.service',
      )['imageId'];
    expect(imageAfter('postgres:rebuilt')).toBe('sha256:2');
    expect(imageAfter('sha256:2')).toBe('sha256:2');
    expect(imageAfter('sha256:1')).toBe('sha256:1');
  });

  it('gives a node with replicas equal settings, a shorter lease, and one gathering of its members', () => {
    const hosts = ['host-1', 'host-2'].map((id) => ({ ...host, id }));
    const wanted = compose(
      stored({
        nodes: [{ name: 'n1', host_ids: ['host-1', 'host-2'] }],
        postgresql_conf: { synchronous_standby_names: 'ANY 1 (*)' },
      }),
      { databaseId: 'hello', hosts },
    );
    expect(wanted.filter((d) => d.ref.kind === 'swarm.service')).toHaveLength(2);
    expect(specOf(wanted, 'patroni.cluster')).toMatchObject({ replicated: true, synchronousStandbys: 1 });
    expect(specOf(wanted, 'postgres.settings')['parameters']).not.toHaveProperty('synchronous_standby_names');
    expect(lines(specOf(wanted, 'patroni.members'), 'members')).toHaveLength(2);
    const roles = wanted.find((d) => d.ref.kind === 'postgres.roles');
    expect(roles?.executor).toEqual({ on: 'primary', node: 'n1' });
    expect(roles?.dependsOn.map((d) => d.anyOf)).toEqual(['instances', 'instances']);
  });

  it('refuses a version the host has no image for, and a host that is not there', () => {
    expect(() => ofDatabase({ postgres_version: '18.1' })).toThrow(
      "host 'host-1' has no image for Postgres '18.1' (it has: 17.6)",
    );
    expect(() => ofDatabase({ nodes: [{ name: 'n1', host_ids: ['away'] }] })).toThrow("the cluster has no host 'away'");
  });
});
