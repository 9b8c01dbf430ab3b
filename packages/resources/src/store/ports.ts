import type { Catalogue } from '../backups/catalogue.ts';
import type { PostgresImage } from '../clients/docker-port.ts';
import type { Plan, Step } from '../engine/plan-types.ts';
import type { RestoreOrigin } from '../restore/restore-wish.ts';
import type { ConditionType } from '../spec/conditions.ts';
import type { Executor, Dependency, Ref } from '../engine/resource.ts';

export interface ResourceRecord {
  readonly ref: Ref;
  readonly version: number;
  /** The version of its kind it was applied with, when its form is a newer one: with the next change it is applied again. */
  readonly appliedVersion?: number | undefined;
  readonly spec: unknown;
  readonly status?: unknown;
  readonly executor: Executor;
  readonly dependsOn: readonly Dependency[];
  readonly within?: Ref | undefined;
  /** `applying`: begun and not known to have ended. */
  readonly phase: 'applying' | 'ready' | 'failed' | 'deleting';
  /** Hash of the statuses of the `output` dependencies when it was last applied. */
  readonly inputsHash: string;
  readonly error?: string | undefined;
  readonly taskId: string;
  readonly updatedAt: string;
}

export const DATABASE_STATES = [
  'creating',
  'modifying',
  'available',
  'deleting',
  'degraded',
  'failed',
  'restoring',
  'unknown',
] as const;
export type DatabaseState = (typeof DATABASE_STATES)[number];

/** `databases/<id>`: everything about a database but its spec. */
export interface DatabaseRecord {
  readonly id: string;
  readonly tenantId?: string | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** State as of the last operation; health is added when it is read. */
  readonly state: DatabaseState;
  /** While it is restored: its state before, which it has again when nothing was changed. */
  readonly stateBefore?: DatabaseState | undefined;
  /** The task that owns the database now: the fencing token of every step. */
  readonly openTaskId?: string | undefined;
  /** Hosts that did not answer the last task: what is left to do there is done when they do. */
  readonly waitingFor?: readonly string[] | undefined;
  /** Ids of the instances that are to stay stopped; absent when there is none. */
  readonly stoppedInstances?: readonly string[] | undefined;
}

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
  readonly components: Readonly<
    Record<string, { readonly healthy: boolean; readonly error?: string; readonly details?: Record<string, unknown> }>
  >;
  readonly seenAt: string;
  /** The worker keeps `heartbeats/<id>`; one of an earlier release, or with an account of one, does not. */
  readonly heartbeat?: boolean | undefined;
}

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
  /** True for a primary that should have a synchronous standby and names none: nobody may take over from it. */
  readonly unprotected?: boolean | undefined;
  readonly timeline?: number | undefined;
  readonly role?: 'primary' | 'replica' | 'uninitialized' | undefined;
  readonly patroniState?: string | undefined;
  readonly postgresVersion?: string | undefined;
  readonly pendingRestart?: boolean | undefined;
  /** At a primary that archives its WAL. */
  readonly archiving?: ArchivingStatus | undefined;
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

export type StoredPlan = Plan & {
  readonly createdAt: string;
  readonly sentences: readonly string[];
  /** Steps left out because their host does not answer; they are done when it does. */
  readonly deferred?: readonly Step[] | undefined;
  /** Resources on hosts that are gone for good: their records are removed, whatever is left of them there. */
  readonly givenUp?: readonly Ref[] | undefined;
};

/** `restores/<database>/<task>`: what a restore is to do. Its credentials are sealed elsewhere. */
export interface RestoreRecord {
  readonly taskId: string;
  readonly createdAt: string;
  readonly origin: RestoreOrigin;
}

/** `swaps/<database>/<node>/<task>`: the data of a node was changed for other data. */
export interface SwapRecord {
  readonly taskId: string;
  readonly databaseId: string;
  readonly nodeName: string;
  readonly instanceId: string;
  readonly hostId: string;
  /** Until here the node was on `fromTimeline`; damaged data does not tell which one that was. */
  readonly at: string;
  readonly fromTimeline?: number;
  /** `kept`: what it ran with before is still there. `taken`: it is the data of the node again, or about to be. */
  readonly data: 'kept' | 'taken' | 'expiring' | 'gone';
  /** It is kept until then. */
  readonly until: string;
}

/** `leftovers/<host>/<database>`: what a deleted database left on a host that did not answer. Its worker removes it. */
export interface Leftovers {
  readonly databaseId: string;
  readonly tenantId?: string | undefined;
  readonly records: readonly ResourceRecord[];
  readonly since: string;
}

/** `backup-catalogues/<database>/<node>`: what was in the repositories when they were read last. */
export type StoredCatalogue = Catalogue & { readonly readAt: string };

/** `backup-checks/<database>/<node>/<repository>/<label>`: what came of restoring a backup to see whether it can be. */
export interface BackupCheck {
  readonly checkedAt: string;
  /** Absent: something else kept it from being verified. */
  readonly verified?: boolean;
  readonly error?: string;
  /** When it was proven good, though it could not be verified since. */
  readonly provenAt?: string;
}

/** `backup-schedules/<database>/<node>/<schedule>`: how the last run of a schedule ended. */
export interface ScheduleRun {
  readonly databaseId: string;
  readonly nodeName: string;
  readonly scheduleId: string;
  readonly outcome: 'completed' | 'failed' | 'canceled' | 'missed';
  readonly endedAt: string;
  readonly taskId?: string | undefined;
  readonly error?: string | undefined;
  readonly lastSuccessAt?: string | undefined;
  /** Since when no run worked. */
  readonly failingSince?: string | undefined;
}

/** `kept-backups/<database>`: the backups a deleted database left, and who may have them. */
export interface KeptBackups {
  readonly databaseId: string;
  readonly tenantId?: string | undefined;
  readonly databaseName: string;
  readonly deletedAt: string;
  /** Of every node that had backups; the credentials are in the secrets `backups/<database>/…`. */
  readonly nodes: readonly { readonly name: string; readonly repositories: readonly unknown[] }[];
}
