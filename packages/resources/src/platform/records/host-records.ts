import { z } from 'zod';
import { Collection } from '../../store/collection.ts';
import type { PostgresImage, ProgramImage } from '../clients/docker-port.ts';

/** `join-tokens/<SHA-256 of the secret>`: the secret itself is kept nowhere. */
export interface JoinTokenRecord {
  readonly expiresAt: string;
  /** The token of the cluster's making admits several servers; every other one admits one, once. */
  readonly reusable: boolean;
}

/** `members/<role>/<id>`: who was let in, and the name under which etcd knows it. */
export interface MemberRecord {
  readonly id: string;
  readonly role: 'host' | 'control' | 'server';
  readonly account: string;
  readonly addresses: readonly string[];
  readonly joinedAt: string;
  /** Of a host: stands for the rights that its account was given. */
  readonly rights?: string | undefined;
}

/** `removals/<host>`: a host that is being removed, and the updates that free it. Nothing new is placed on it meanwhile. */
export interface RemovalRecord {
  readonly hostId: string;
  readonly taskId: string;
  readonly updates: readonly { readonly databaseId: string; readonly taskId: string }[];
}

/** A record of an earlier worker may lack the names. */
export type HostImage = Omit<PostgresImage, 'references'> & Partial<Pick<PostgresImage, 'references'>>;

/**
 * `hosts/<id>`, written by the worker every 4 to 6 s. A host is unreachable when its record was not renewed for 10 s, and as
 * soon as the key `heartbeats/<id>` is gone.
 */
export interface HostRecord {
  readonly id: string;
  readonly dataDir: string;
  readonly swarmNodeId: string;
  readonly controlAvailable: boolean;
  readonly peerAddresses: readonly string[];
  readonly clientAddresses: readonly string[];
  readonly cpus: number;
  readonly memoryBytes: number;
  /** The images on the host, the newest Postgres version first; of a version the one a new instance gets comes first. */
  readonly images: readonly HostImage[];
  /** Images of the replicator, the one that new containers get first; a record of an earlier worker has none. */
  readonly replicatorImages?: readonly ProgramImage[] | undefined;
  readonly components: Readonly<
    Record<string, { readonly healthy: boolean; readonly error?: string; readonly details?: Record<string, unknown> }>
  >;
  readonly seenAt: string;
  /** The worker keeps `heartbeats/<id>`; one of an earlier release, or with an account of one, does not. */
  readonly heartbeat?: boolean | undefined;
  /** The worker shows each database a name of its own; one of an earlier release shows all of them the same. */
  readonly ownNames?: boolean | undefined;
}

const image = z.looseObject({
  id: z.string(),
  postgresVersion: z.string(),
  references: z.array(z.string()).exactOptional(),
  holds: z.literal(true).exactOptional(),
  hardens: z.literal(true).exactOptional(),
});

const programImage = z.looseObject({ id: z.string(), hash: z.string(), hardens: z.literal(true).exactOptional() });

const component = z.looseObject({
  healthy: z.boolean(),
  error: z.string().exactOptional(),
  details: z.record(z.string(), z.unknown()).exactOptional(),
});

const hostRecord: z.ZodType<HostRecord> = z.looseObject({
  id: z.string(),
  dataDir: z.string(),
  swarmNodeId: z.string(),
  controlAvailable: z.boolean(),
  peerAddresses: z.array(z.string()),
  clientAddresses: z.array(z.string()),
  cpus: z.number(),
  memoryBytes: z.number(),
  images: z.array(image),
  replicatorImages: z.array(programImage).optional(),
  components: z.record(z.string(), component),
  seenAt: z.string(),
  heartbeat: z.boolean().optional(),
  ownNames: z.boolean().optional(),
});

const memberRecord: z.ZodType<MemberRecord> = z.looseObject({
  id: z.string(),
  role: z.enum(['host', 'control', 'server']),
  account: z.string(),
  addresses: z.array(z.string()),
  joinedAt: z.string(),
  rights: z.string().optional(),
});

const removalRecord: z.ZodType<RemovalRecord> = z.looseObject({
  hostId: z.string(),
  taskId: z.string(),
  updates: z.array(z.looseObject({ databaseId: z.string(), taskId: z.string() })),
});

/** What every host last told of itself; by id. */
export const hostRecords = new Collection<HostRecord, [hostId: string]>('hosts', hostRecord);
/** There while the worker of a host lives. */
export const heartbeats = new Collection<unknown, [hostId: string]>('heartbeats', z.unknown());
/** Hosts that are being removed, and the updates that free them. Nothing new is placed on them meanwhile. */
export const removalRecords = new Collection<RemovalRecord, [hostId: string]>('removals', removalRecord);
/** Who was let into the cluster, and as whom etcd knows it. */
export const memberRecords = new Collection<MemberRecord, [role: MemberRecord['role'], id: string]>(
  'members',
  memberRecord,
);
/** By the SHA-256 of its secret. */
export const joinTokens = new Collection<JoinTokenRecord, [hash: string]>(
  'join-tokens',
  z.looseObject({ expiresAt: z.string(), reusable: z.boolean() }),
);
