import { compose } from '../compose/index.ts';
import { refKey, type Desired } from '../../engine/resource.ts';
import { plan } from '../../engine/plan.ts';
import { presentForm } from '../../engine/present-form.ts';
import { kindOf } from '../../testing/apply-all.ts';
import { kinds } from './index.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';
import type { ResourceRecord } from '../../engine/records.ts';

const host: HostRecord = {
  id: 'host-1', dataDir: '/', swarmNodeId: 'node-1', controlAvailable: true, peerAddresses: [], clientAddresses: ['127.0.0.1'], cpus: 1,
  memoryBytes: 2 ** 33, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], components: {}, seenAt: '',
}; // prettier-ignore
const ENTITY = 'web-shop';
const INSTANCE = 'web-shop-n1-689qacsi';
const wanted = compose(
  {
    spec: {
      database_name: 'shop',
      postgres_version: '17.6',
      port: 0,
      nodes: [{ name: 'n1', host_ids: ['host-1'] }],
      scripts: { post_init: ['SELECT 1'] },
    },
    passwordVersions: {},
  },
  { databaseId: ENTITY, hosts: [host] },
);
const wantedOf = (kind: string): Desired => {
  const found = wanted.find(({ ref }) => ref.kind === kind);
  if (!found) throw new Error(`'${kind}' is not composed`);
  return found;
};
const specOf = (kind: string) => wantedOf(kind).spec as Record<string, unknown>;

/** What lay inside Postgres before nodes had replicas: it named its one instance. */
const inInstance = (kind: string) => {
  const { scope: _scope, ...spec } = specOf(kind);
  return { ...spec, instanceId: INSTANCE, hostId: 'host-1', serviceName: `postgres-${INSTANCE}` };
};

/** The first version of each kind that has another one, as 0022398^ and f427702^ stored it. */
const FIRST: Readonly<Record<string, { readonly spec: () => object; readonly status: object }>> = {
  'postgres.certificates': {
    spec: () => ({ instanceId: INSTANCE, hostId: 'host-1', names: specOf('postgres.certificates')['names'] }),
    status: { notAfter: '2027-01-01T00:00:00.000Z' },
  },
  'patroni.cluster': {
    spec: () => {
      const { scope, parameters, pgHba, pgIdent } = specOf('patroni.cluster');
      return { scope, parameters, pgHba, pgIdent };
    },
    status: { scope: 'web-shop:n1' },
  },
  'swarm.service': { spec: () => specOf('swarm.service'), status: { serviceId: 's1' } },
  'postgres.roles': { spec: () => inInstance('postgres.roles'), status: { names: [] } },
  'postgres.database': { spec: () => inInstance('postgres.database'), status: { owner: 'windlass' } },
  'postgres.script': { spec: () => inInstance('postgres.script'), status: { ran: true } },
  'postgres.extensions': { spec: () => inInstance('postgres.extensions'), status: { installed: [] } },
};

const firstOf = (kind: string): ResourceRecord => ({
  ref: wantedOf(kind).ref,
  version: 1,
  spec: FIRST[kind]?.spec(),
  status: FIRST[kind]?.status,
  executor: { on: 'host', hostId: 'host-1' },
  dependsOn: [{ ref: { kind: 'postgres.instance', id: INSTANCE } }],
  within: { kind: 'host.directories', id: INSTANCE },
  phase: 'ready',
  inputsHash: 'x',
  taskId: 't',
  updatedAt: '',
});
const present = presentForm((name) => kindOf(kinds, name));

test.each(kinds.map((kind) => [kind.kind, kind] as const))('%s says how it came from each version to the next', (_name, kind) => {
  const { migrations = [] } = kind as { migrations?: readonly unknown[] };
  expect(migrations).toHaveLength(kind.version - 1);
}); // prettier-ignore

test('every kind of another version has a record of its first one here', () => {
  const others = kinds.filter(({ version }) => version > 1).map(({ kind }) => kind);
  expect(Object.keys(FIRST).sort()).toEqual(others.sort());
});

describe.each(Object.keys(FIRST))('%s, as its first version was stored', (kind) => {
  it('becomes what is wanted today, in the place where it belongs today', () => {
    const now = present(ENTITY, firstOf(kind));
    const { spec, executor, within, ref } = wantedOf(kind);
    expect(now).toMatchObject({ ref, version: 2, appliedVersion: 1, spec, executor });
    const dependsOn = kindOf(kinds, kind).dependsOn?.(now.spec) ?? [];
    expect(now.dependsOn).toEqual([...dependsOn, { ref: { kind: 'postgres.instance', id: INSTANCE } }]);
    expect(now.within).toEqual(within);
    expect(refKey(ref)).toBe(`${kind}::${kindOf(kinds, kind).id(now.spec)}`);
    expect(kindOf(kinds, kind).status.safeParse(now.status).success).toBe(true);
    expect(present(ENTITY, now)).toBe(now);
  });

  it('is parsed when it was never made', () => {
    expect(present(ENTITY, { ...firstOf(kind), status: undefined }).status).toBeUndefined();
  });

  it('is applied again with the next change, in place, and interrupts nobody', () => {
    const { steps } = plan({
      current: [present(ENTITY, firstOf(kind))],
      desired: [{ ...wantedOf(kind), dependsOn: [] }],
      findings: [],
      kindFacts: (name) => {
        const { immutable = [], update, interrupts, leads } = kindOf(kinds, name);
        return {
          immutable,
          updatable: update !== undefined,
          ...(interrupts && { interrupts }),
          ...(leads && { leads }),
        };
      },
    });
    expect(steps).toMatchObject([{ action: 'update', reason: 'spec_changed', fields: [] }]);
    expect(steps[0]).not.toHaveProperty('interrupts');
  });
});
