import { z } from 'zod';
import { restoreOrigin } from '../restore/restore-wish.ts';
import { CONDITION_TYPES } from '../spec/conditions.ts';
import type { StoredSpec } from '../spec/database.ts';
import { Collection } from '../store/collection.ts';
import {
  DATABASE_STATES,
  type ArchivingStatus,
  type DatabaseRecord,
  type InstanceStatus,
  type KeptBackups,
  type RestoreRecord,
  type SwapRecord,
} from '../store/ports.ts';

const databaseRecord: z.ZodType<DatabaseRecord> = z.looseObject({
  id: z.string(),
  tenantId: z.string().optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
  state: z.enum(DATABASE_STATES),
  stateBefore: z.enum(DATABASE_STATES).optional(),
  openTaskId: z.string().optional(),
  waitingFor: z.array(z.string()).optional(),
  stoppedInstances: z.array(z.string()).optional(),
});

const anySpec = z.looseObject({ spec: z.looseObject({ nodes: z.array(z.unknown()) }) });
/** It was judged when it was accepted; here it is only made sure that it is one. */
const storedSpec = z.custom<StoredSpec>((value) => anySpec.safeParse(value).success, {
  error: 'it is no spec of a database',
});

const archiving: z.ZodType<ArchivingStatus> = z.looseObject({
  lastArchivedAt: z.string().optional(),
  archivedUntil: z.string().optional(),
  waiting: z.number(),
  failingSince: z.string().optional(),
  failed: z.number(),
});

/** A condition of a later release is left out: this one has no words for it. */
const conditions = z
  .array(z.looseObject({ type: z.string(), message: z.string(), since: z.string() }))
  .transform((all) => all.flatMap(({ type, ...rest }) => CONDITION_TYPES.filter((t) => t === type).map((t) => ({ ...rest, type: t })))); // prettier-ignore

const instanceStatus: z.ZodType<InstanceStatus> = z.looseObject({
  instanceId: z.string(),
  databaseId: z.string(),
  nodeName: z.string(),
  hostId: z.string(),
  createdAt: z.string(),
  sampledAt: z.string(),
  container: z.enum(['running', 'stopped', 'absent']),
  writable: z.boolean(),
  streaming: z.boolean().optional(),
  unprotected: z.boolean().optional(),
  timeline: z.number().optional(),
  role: z.enum(['primary', 'replica', 'uninitialized']).optional(),
  patroniState: z.string().optional(),
  postgresVersion: z.string().optional(),
  pendingRestart: z.boolean().optional(),
  archiving: archiving.optional(),
  port: z.number().optional(),
  addresses: z.array(z.string()),
  error: z.string().optional(),
  conditions: conditions.optional(),
});

const restoreRecord: z.ZodType<RestoreRecord> = z.looseObject({
  taskId: z.string(),
  createdAt: z.string(),
  origin: restoreOrigin,
});

const swapRecord: z.ZodType<SwapRecord> = z.looseObject({
  taskId: z.string(),
  databaseId: z.string(),
  nodeName: z.string(),
  instanceId: z.string(),
  hostId: z.string(),
  at: z.string(),
  fromTimeline: z.number().exactOptional(),
  data: z.enum(['kept', 'taken', 'expiring', 'gone']),
  until: z.string(),
});

const keptBackups: z.ZodType<KeptBackups> = z.looseObject({
  databaseId: z.string(),
  tenantId: z.string().optional(),
  databaseName: z.string(),
  deletedAt: z.string(),
  nodes: z.array(z.looseObject({ name: z.string(), repositories: z.array(z.unknown()) })),
});

/** What is known of each database besides its spec; by id. */
export const databaseRecords = new Collection<DatabaseRecord, [databaseId: string]>('databases', databaseRecord);
/** What is declared of each database, with which credentials. */
export const databaseSpecs = new Collection<StoredSpec, [databaseId: string]>('specs', storedSpec);
/** A spec that is looked at and was not accepted. */
export const proposals = new Collection<StoredSpec, [proposalId: string]>('proposals', storedSpec);
/** What the monitor of its host saw of each instance. */
export const instanceStatuses = new Collection<InstanceStatus, [databaseId: string, instanceId: string]>(
  'instance-status',
  instanceStatus,
);
/** What each restore is to do. Its credentials are sealed elsewhere. */
export const restoreRecords = new Collection<RestoreRecord, [databaseId: string, taskId: string]>(
  'restores',
  restoreRecord,
);
/** Nodes whose data was changed for other data. */
export const swapRecords = new Collection<SwapRecord, [databaseId: string, nodeName: string, taskId: string]>(
  'swaps',
  swapRecord,
);
/** The id of the last task of a type of a node that must not run twice at once. */
export const lastTasks = new Collection<string, [databaseId: string, nodeName: string, type: string]>(
  'takeovers',
  z.string(),
);
/** The backups that deleted databases left, and who may have them. */
export const keptBackupRecords = new Collection<KeptBackups, [databaseId: string]>('kept-backups', keptBackups);
