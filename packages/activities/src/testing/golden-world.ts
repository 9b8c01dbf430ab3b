import { compose } from '@windlass/resources/postgres/compose';
import {
  inputsHash,
  localKey,
  refKey,
  ResourceState,
  partOf,
  resourceRecords,
  type AnyResource,
  type Desired,
  type Finding,
} from '@windlass/resources/engine';
import type { Clients } from '@windlass/resources/postgres/clients';
import { kinds } from '@windlass/resources/postgres/kinds';
import { aResource, CONSUMER, publication } from '@windlass/resources/testing';
import { entityFence, databaseEntity } from '@windlass/resources/entity';
import { databaseRecords, databaseSpecs, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { type ResourceRecord } from '@windlass/resources/records';
import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';
import {
  instanceId,
  numberNodes,
  sealOrigins,
  sealRepositories,
  type DatabaseSpec,
  type NodeNumbers,
  type NodeSources,
  type StoredSpec,
} from '@windlass/resources/postgres/spec';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import type { ActivityDeps } from '../core/deps.ts';
import type { PlanFocus } from '../postgres/focus-plan.ts';
import { workOf } from '../works.ts';

export const DATABASE = 'shop';

/** A database as it is declared, and what is known of it besides. */
export interface World {
  readonly spec: DatabaseSpec;
  /** Versions of the passwords, by user. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** Of its nodes, from before; absent: they are numbered in their order. */
  readonly numbers?: NodeNumbers;
  /** Its nodes that are copies of others. */
  readonly sources?: NodeSources;
  /** Ids of the instances that are to stay stopped. */
  readonly stopped?: readonly string[];
  /** What it has besides what databases have today. */
  readonly more?: readonly Desired[];
}

/** Something a user or the world does to a database. */
export interface Change {
  /** Name of its file. */
  readonly name: string;
  readonly what: string;
  /** Absent: it is created. */
  readonly before?: World;
  /** Absent: it is deleted. */
  readonly after?: World;
  readonly findings?: readonly Finding[];
  /** Status of the consumer of another entity; absent: as it was. */
  readonly consumer?: unknown;
  /** Hosts that do not answer. */
  readonly away?: readonly string[];
  /** Those of them that will not come back. */
  readonly gone?: readonly string[];
  readonly image?: string;
  readonly purgeBackups?: boolean;
  readonly only?: PlanFocus;
}

const hosts = ['host-1', 'host-2', 'host-3'].map((id): HostRecord => ({
  id, dataDir: '/data', swarmNodeId: id, controlAvailable: true, peerAddresses: [], clientAddresses: ['192.0.2.7'], cpus: 4,
  memoryBytes: 8 * 2 ** 30, components: {}, seenAt: '2026-01-01T00:00:00Z',
  images: [
    { postgresVersion: '17.7', id: 'sha256:newer', references: ['postgres:17.7'], hardens: true },
    { postgresVersion: '17.6', id: 'sha256:older', references: ['postgres:17.6'], hardens: true },
  ],
  replicatorImages: [{ id: 'sha256:replicator', hash: '0', hardens: true }],
})); // prettier-ignore

const registry = new Map<string, AnyResource<Clients>>([...kinds, publication].map((kind) => [kind.kind, kind]));
const asItWas = { of: refKey(CONSUMER) };

/** As the server stores it. */
export function storedOf({ spec, passwords = {}, numbers, sources }: World): StoredSpec {
  const repositories = sealRepositories(spec);
  const known = { databaseId: DATABASE, sourceOf: () => ({ credentials: new Map(), changes: [] }), secrets: new Map() };
  const { origins } = sealOrigins(spec, known);
  const nodeNumbers = numberNodes(spec, numbers);
  return {
    spec: repositories.spec,
    passwordVersions: passwords,
    repositorySecrets: repositories.facts,
    ...(nodeNumbers && { nodeNumbers }),
    ...(sources && { nodeSources: sources }),
    restoreOrigins: origins,
  };
}

/** What an activity stands on: a store that holds the database as it was before, every resource of it ready. */
export async function depsOf({ before, after, consumer = asItWas }: Change, primary: string | undefined) {
  const kv = createMemoryKv();
  const records = before === undefined ? [] : recordsOf(before);
  await kv.commit(
    [],
    [
      ...hosts.map((host) => ({ put: hostRecords.key(host.id), value: host })),
      databaseRecords.put(recordOf(after ?? before), DATABASE),
      ...records.map((record) => ({
        put: resourceRecords.key(partOf(databaseEntity(DATABASE)), refKey(record.ref)),
        value: record,
      })),
      {
        put: resourceRecords.key(partOf({ kind: 'stream', id: 'orders' }), localKey(CONSUMER)),
        value: aResource(CONSUMER.kind, CONSUMER.id, { status: consumer }),
      },
    ],
  );
  return { deps: depsOn(kv, primary, after?.more), revision: after && (await store(kv, after)) };
}

const recordOf = (world: World | undefined): DatabaseRecord => ({
  id: DATABASE,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  state: 'modifying',
  stoppedInstances: world?.stopped,
});

async function store(kv: Kv, world: World): Promise<number> {
  await kv.commit([], [{ put: databaseSpecs.key(DATABASE), value: storedOf(world) }]);
  return (await kv.get(databaseSpecs.key(DATABASE)))?.revision ?? 0;
}

function depsOn(kv: Kv, primary: string | undefined, more: readonly Desired[] = []): ActivityDeps {
  return {
    kv,
    state: new ResourceState(kv, entityFence),
    clients: { dcs: { leader: (scope: string) => Promise.resolve(scope === 'shop:n1' ? primary : onlyMember(scope)) } },
    kind: (name: string) => registry.get(name),
    work: (kind: string) => {
      const work = workOf(kind);
      const desired: typeof work.desired = async (...of) => [...(await work.desired(...of)), ...more];
      return { ...work, desired };
    },
  } as unknown as ActivityDeps;
}

/** Every resource as it is stored when nothing is left to do. What is stopped now was made while it ran. */
function recordsOf(world: World): ResourceRecord[] {
  const composed = (stopped: World['stopped']) => compose(storedOf(world), { databaseId: DATABASE, hosts, stopped });
  const once = new Map<string, Desired>(composed([]).map((d) => [refKey(d.ref), d]));
  return [...composed(world.stopped), ...(world.more ?? [])].map((d) => ({
    ref: d.ref,
    version: d.version,
    spec: d.spec,
    status: { of: refKey(d.ref) },
    executor: d.executor,
    dependsOn: once.get(refKey(d.ref))?.dependsOn ?? d.dependsOn,
    within: d.within,
    phase: 'ready',
    inputsHash: inputsHash(d, (ref) => ({ of: refKey(ref) })),
    taskId: 'earlier',
    updatedAt: '2026-01-01T00:00:00Z',
  }));
}

/** Other nodes have one instance, on the host of their number. */
function onlyMember(scope: string): string {
  const node = scope.slice(DATABASE.length + 1);
  return instanceId(DATABASE, node, `host-${node.slice(1)}`);
}
