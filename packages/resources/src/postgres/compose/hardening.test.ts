import type { Step } from '../../engine/plan-types.ts';
import type { Desired } from '../../engine/resource.ts';
import type { HostImage, HostRecord } from '../../platform/records/host-records.ts';
import { compose, hardeningNotes, type StoredDatabase } from './index.ts';

const hostWith = (image: Partial<HostImage>): HostRecord => ({
  id: 'host-1', dataDir: '/data', swarmNodeId: 'node', controlAvailable: true, peerAddresses: [], clientAddresses: [], cpus: 2,
  memoryBytes: 8 * 2 ** 30, images: [{ postgresVersion: '17.6', id: 'sha256:1', ...image }],
  replicatorImages: [{ id: 'sha256:2', hash: '', ...(image.hardens && { hardens: true }) }], components: {}, seenAt: '',
}); // prettier-ignore
const stored = (spec: Partial<StoredDatabase['spec']>): StoredDatabase => ({
  spec: { database_name: 'shop', postgres_version: '17.6', nodes: [{ name: 'n1', host_ids: ['host-1'] }], ...spec },
  passwordVersions: {},
  nodeNumbers: { current: { n1: 1, n2: 2 }, given: [1, 2] },
});
const wanted = (spec: Partial<StoredDatabase['spec']> = {}, image: Partial<HostImage> = { hardens: true }): Desired[] =>
  compose(stored(spec), { databaseId: 'hello', hosts: [hostWith(image)] });
const of = (all: readonly Desired[], kind: string): unknown[] =>
  all.flatMap(({ ref, spec }) => (ref.kind === kind ? [(spec as { hardening?: unknown }).hardening] : []));
const security = (more: object) => ({ orchestrator_opts: { swarm: { security: more } } });

describe('what a container may not do', () => {
  it('is everything that Postgres can do without', () => {
    const least = { readOnlyRoot: true, noNewPrivileges: true, pidsLimit: 4096 };
    expect(of(wanted(), 'swarm.service')).toEqual([least]);
    const nodes = ['n1', 'n2'].map((name) => ({ name, host_ids: ['host-1'] }));
    const both = wanted({ nodes });
    expect(of(both, 'swarm.service')).toEqual([least, least]);
    expect(of(both, 'replication.service')).toEqual([0, 1].map(() => ({ ...least, pidsLimit: 256 })));
  });

  it('is nothing of it where the image does not say that it can: what runs is as it was made', () => {
    const nodes = ['n1', 'n2'].map((name) => ({ name, host_ids: ['host-1'] }));
    const before = wanted({ nodes, ...security({ pids_limit: 1000 }) }, {});
    expect([...of(before, 'swarm.service'), ...of(before, 'replication.service')]).toEqual(Array(4).fill(undefined));
  });

  it('is asked of the image that the instance runs, by id and by name', () => {
    const images = [
      { postgresVersion: '17.6', id: 'sha256:new', references: ['postgres:new'], hardens: true as const },
      { postgresVersion: '17.6', id: 'sha256:old', references: ['postgres:old'] },
    ];
    const hosts = [{ ...hostWith({}), images }];
    const running = (id: string) => ({
      databaseId: 'hello',
      hosts,
      currentImages: new Map([['hello-n1-689qacsi', id]]),
    });
    expect(of(compose(stored({}), running('sha256:old')), 'swarm.service')).toEqual([undefined]);
    expect(
      of(compose(stored({}), { ...running('sha256:old'), upgradeTo: 'postgres:new' }), 'swarm.service')[0],
    ).toBeDefined();
    const named = (image: string) => stored({ orchestrator_opts: { swarm: { image } } });
    expect(of(compose(named('postgres:old'), running('')), 'swarm.service')).toEqual([undefined]);
    expect(of(compose(named('postgres:new'), running('')), 'swarm.service')[0]).toBeDefined();
  });

  it('is nothing of it for a container that an earlier release made of this very image, until it gets another one', () => {
    const images = ['sha256:1', 'sha256:2'].map((id) => ({ postgresVersion: '17.6', id, hardens: true as const }));
    const made = {
      databaseId: 'hello',
      hosts: [{ ...hostWith({}), images }],
      currentImages: new Map([['hello-n1-689qacsi', 'sha256:1']]),
      unhardened: new Set(['hello-n1-689qacsi']),
    };
    expect(of(compose(stored({}), made), 'swarm.service')).toEqual([undefined]);
    expect(of(compose(stored({}), { ...made, upgradeTo: 'sha256:2' }), 'swarm.service')[0]).toBeDefined();
  });

  it.each([
    [{ writable_root: true }, { readOnlyRoot: false }],
    [{ privilege_escalation: true }, { noNewPrivileges: false }],
    [{ pids_limit: 1000 }, { pidsLimit: 1000 }],
    [{ writable_root: false, privilege_escalation: false }, {}],
  ])('is less where a spec says so: %j', (more, differs) => {
    const [found] = of(wanted(security(more)), 'swarm.service');
    expect(found).toEqual({ readOnlyRoot: true, noNewPrivileges: true, pidsLimit: 4096, ...differs });
  });

  it.each([
    [3840, 4096],
    [3841, 8192],
    [20_000, 32_768],
  ])('leaves room for %i connections', (max_connections, pidsLimit) => {
    expect(of(wanted({ postgresql_conf: { MAX_CONNECTIONS: max_connections } }), 'swarm.service')).toMatchObject([
      { pidsLimit },
    ]);
  });
});

describe('what a plan says of it', () => {
  const notes = (all: readonly Desired[], action: Step['action'] = 'create'): string[] =>
    hardeningNotes(
      all.map(({ ref }) => ({ ref, action }) as Step),
      all,
    );

  it('is nothing of a container that may do the least, or that is not made', () => {
    expect(notes(wanted())).toEqual([]);
    expect(hardeningNotes([], wanted({}, {}))).toEqual([]);
    expect(notes(wanted({}, {}), 'delete')).toEqual([]);
  });

  it('is what it may do more, and why', () => {
    expect(notes(wanted({}, {}))).toEqual([
      "the container of 'hello-n1-689qacsi' has Docker's default capabilities and a root that can be written to: its image has no label windlass.hardens, or an earlier release made it",
    ]);
    expect(notes(wanted(security({ writable_root: true, privilege_escalation: true })))).toEqual([
      "the container of 'hello-n1-689qacsi' may write to the files of its image: 'writable_root' says so",
      "programs in the container of 'hello-n1-689qacsi' may gain privileges: 'privilege_escalation' says so",
    ]);
  });
});
