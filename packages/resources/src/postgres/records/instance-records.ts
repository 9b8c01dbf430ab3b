import { z } from 'zod';
import { CONDITION_TYPES, type ConditionType } from '../spec/conditions.ts';
import { Collection } from '../../store/collection.ts';
import { replicationStatus, type ReplicationStatus } from './replication-records.ts';

/** How far a primary is with archiving its WAL. */
export interface ArchivingStatus {
  /** When a segment was archived last; what is in it may be older. */
  readonly lastArchivedAt?: string | undefined;
  /** Everything that was committed until then is in the archive. */
  readonly archivedUntil?: string | undefined;
  /** Segments that wait. */
  readonly waiting: number;
  /** Since when archiving fails; absent while it works. */
  readonly failingSince?: string | undefined;
  /** Attempts that failed since Postgres counts. */
  readonly failed: number;
}

/** `instance-status/<database>/<instance>`, written by the worker on every change and at least every 5 s. */
export interface InstanceStatus {
  readonly instanceId: string;
  readonly databaseId: string;
  readonly nodeName: string;
  readonly hostId: string;
  readonly createdAt: string;
  readonly sampledAt: string;
  readonly container: 'running' | 'stopped' | 'absent';
  /** True only when the last write probe was committed. */
  readonly writable: boolean;
  /** True while a replica receives from its primary. */
  readonly streaming?: boolean | undefined;
  /** Of a replica that receives: how many bytes of WAL it knows of and has not replayed. */
  readonly lagBytes?: number | undefined;
  /** True for a primary that should have a synchronous standby and names none: nobody may take over from it. */
  readonly unprotected?: boolean | undefined;
  readonly timeline?: number | undefined;
  readonly role?: 'primary' | 'replica' | 'uninitialized' | undefined;
  readonly patroniState?: string | undefined;
  readonly postgresVersion?: string | undefined;
  readonly pendingRestart?: boolean | undefined;
  /** At a primary that archives its WAL. */
  readonly archiving?: ArchivingStatus | undefined;
  /** At a primary of a database with several nodes. */
  readonly replication?: ReplicationStatus | undefined;
  readonly port?: number | undefined;
  readonly addresses: readonly string[];
  readonly error?: string | undefined;
  /** What needs attention although it serves. */
  readonly conditions?: readonly InstanceCondition[] | undefined;
}

/** Found by one of the checks in `watch/`. */
export interface InstanceCondition {
  readonly type: ConditionType;
  /** In words, with what is to be done about it; no secret. */
  readonly message: string;
  /** ISO 8601: when it was seen first. */
  readonly since: string;
}

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
  lagBytes: z.number().optional(),
  unprotected: z.boolean().optional(),
  timeline: z.number().optional(),
  role: z.enum(['primary', 'replica', 'uninitialized']).optional(),
  patroniState: z.string().optional(),
  postgresVersion: z.string().optional(),
  pendingRestart: z.boolean().optional(),
  archiving: archiving.optional(),
  replication: replicationStatus.optional(),
  port: z.number().optional(),
  addresses: z.array(z.string()),
  error: z.string().optional(),
  conditions: conditions.optional(),
});

/** What the monitor of its host saw of each instance. */
export const instanceStatuses = new Collection<InstanceStatus, [databaseId: string, instanceId: string]>(
  'instance-status',
  instanceStatus,
);
