import { z } from 'zod';
import { Collection } from '../store/collection.ts';
import type { HostRecord, JoinTokenRecord, MemberRecord, RemovalRecord } from '../store/ports.ts';

const image = z.looseObject({
  id: z.string(),
  postgresVersion: z.string(),
  references: z.array(z.string()).exactOptional(),
  holds: z.literal(true).exactOptional(),
});

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
  components: z.record(z.string(), component),
  seenAt: z.string(),
  heartbeat: z.boolean().optional(),
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
