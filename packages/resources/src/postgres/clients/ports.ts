import type { Installed } from '@windlass/data/node';
import type { ConditionType } from '@windlass/data/replicate';
import type { DockerPort } from '../../platform/clients/docker-port.ts';
import type { CertificatesPort, FilesPort, HostFacts, SchedulesPort } from '../../platform/clients/ports.ts';
import type { PortsPort } from '../../store/port-reservations.ts';
import type { SecretsPort } from '../../store/secrets/secrets.ts';

export type * from '../../platform/clients/ports.ts';

/** Everything a resource kind may touch. Opened once per worker process; faked in tests (`testing/`). */
export interface Clients {
  readonly host: HostFacts;
  readonly docker: DockerPort;
  readonly files: FilesPort;
  readonly dcs: DcsPort;
  readonly patroni: PatroniPort;
  readonly postgres: PostgresPort;
  readonly replication: ReplicationPort;
  readonly certificates: CertificatesPort;
  readonly secrets: SecretsPort;
  readonly ports: PortsPort;
  readonly schedules: SchedulesPort;
}

/** The Patroni part of etcd: users, roles and the keys of a Patroni cluster. `scope` is `<database>:<node>`. */
export interface DcsPort {
  user(name: string): Promise<{ readonly roles: readonly string[] } | undefined>;
  ensureUser(name: string, password: string, prefix: string): Promise<void>;
  removeUser(name: string): Promise<void>;
  config(scope: string): Promise<Record<string, unknown> | undefined>;
  putConfig(scope: string, config: Record<string, unknown>): Promise<void>;
  /** System identifier of the node's data, once a first member is up. */
  initialized(scope: string): Promise<string | undefined>;
  leader(scope: string): Promise<string | undefined>;
  /** Who holds the leader's lock, and which holding of it that is. */
  leaderLock(scope: string): Promise<LeaderLock | undefined>;
  /**
   * Takes the lock from exactly this holding, and the holder off the list of members, so that candidates do not wait 2 s
   * for its answer; false when it is another holding by now. Only for a holder that is proven dead: nobody is left who might
   * go on as the primary with the consent of `failsafeMembers`, so that these do not bind any more who takes over.
   */
  releaseLeaderLock(scope: string, lock: LeaderLock): Promise<boolean>;
  /**
   * Members whose consent the leader needs to go on without etcd; nobody else takes over, not even who has more of its WAL. The
   * leader writes them at its turn, up to 10 s after a member has come.
   */
  failsafeMembers(scope: string): Promise<readonly string[]>;
  /** Names of the members Patroni knows. */
  members(scope: string): Promise<readonly string[]>;
  /** Members that have every acknowledged commit; none while replication is asynchronous. */
  synchronousStandbys(scope: string): Promise<readonly string[]>;
  /** Resolves with the leader's name as soon as there is one, other than `except`. Watches; does not poll. */
  waitForLeader(scope: string, signal: AbortSignal, except?: string): Promise<string>;
  /**
   * Calls back with a node whenever somebody takes its leader's lock, and `onResync` when some of that may have been missed.
   * Resolves with how to stop listening.
   */
  onLeader(listener: (scope: string) => void, onResync: () => void): Promise<{ close(): Promise<void> }>;
  /**
   * Forgets what Patroni knows of the data: identifier, leader, position, timelines, synchronous standbys. Its settings stay.
   * Only while no member runs.
   */
  forgetData(scope: string): Promise<void>;
  removeScope(scope: string): Promise<void>;
}

export interface LeaderLock {
  /** Instance id. */
  readonly holder: string;
  /** etcd lease in decimal: one holding has one lease. */
  readonly lease: string;
  readonly modRevision: string;
}

/** Patroni's REST API over mutual TLS. */
export interface PatroniPort {
  status(address: string): Promise<PatroniStatus>;
  isPrimary(address: string): Promise<boolean>;
  /** All members as the one asked sees them. */
  cluster(address: string): Promise<readonly ClusterMember[]>;
  /** Has the member look at everything now instead of at its next turn, up to `loop_wait` seconds later. */
  wake(address: string): Promise<void>;
  /** Has it, and Postgres, read their files again; nothing restarts. */
  reload(address: string): Promise<void>;
  restart(address: string, signal: AbortSignal): Promise<void>;
  /** Has a replica copy the primary anew; its data goes first. Ends when Patroni has begun. */
  reinitialize(address: string, signal: AbortSignal): Promise<void>;
  /** Orderly change of the primary; ends when Patroni says that the candidate has taken over. */
  switchover(
    address: string,
    request: { readonly leader: string; readonly candidate: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** Change of the primary that does not need the old one: a primary that lives steps down, the lease of a dead one runs out. */
  failover(address: string, request: { readonly candidate: string }, signal: AbortSignal): Promise<void>;
}
export interface ClusterMember {
  /** The instance id. */
  readonly name: string;
  readonly role: 'leader' | 'replica' | 'sync_standby' | 'standby_leader' | 'quorum_standby';
  /** Patroni's word: `running`, `streaming`, `starting`, `stopped`, … */
  readonly state: string;
  readonly host: string;
  readonly timeline?: number;
  /** Bytes behind the primary; infinite when Patroni does not know. */
  readonly lagBytes: number;
  readonly pendingRestart: boolean;
}
export interface PatroniStatus {
  readonly state: string;
  readonly role: 'primary' | 'replica' | 'uninitialized';
  readonly serverVersion: number;
  readonly pendingRestart: boolean;
  readonly paused: boolean;
  readonly timeline?: number;
  readonly postmasterStartTime?: string;
}

/** How changes flow between nodes: what lies in the database of a node, and the process that applies what its peers write. */
export interface ReplicationPort {
  /** What was made in the database. */
  installed(at: PostgresPlace): Promise<Installed>;
  /** Makes or completes what lies in the database. To be called again after any failure. */
  install(at: PostgresPlace, node: ReplicatingNode): Promise<void>;
  /**
   * Takes away everything that was made for replication; what users made stays, and so what they made with something of ours, which is
   * named. Absence is success.
   */
  uninstall(at: PostgresPlace): Promise<{ readonly usedBy: readonly string[] }>;
  /** Forgets a node that is a peer no more: the slot from which it read, and how far it was applied. Absence is success. */
  forget(at: PostgresPlace, node: number): Promise<void>;
  /** Makes the slots from which these nodes will read, which never have. What is there stays. */
  makeSlots(at: PostgresPlace, nodes: readonly number[]): Promise<void>;
  /** Drops the slot from which a node reads, or was to. Absence is success. */
  dropSlot(at: PostgresPlace, node: number): Promise<void>;
  /** Makes a plain database of what was restored from a backup of a node, which nobody else reaches. As `uninstall`. */
  leaveCopy(at: SocketPlace): Promise<{ readonly usedBy: readonly string[] }>;
  /** Makes a node of its own of a physical copy, which was just promoted and is reached by nobody else. To be called again after any failure. */
  beginAsCopy(at: SocketPlace, node: CopiedNode): Promise<{ readonly lsn: string; readonly timeline: number }>;
  /** What the replicator at this address says of itself. Rejects `replicator_unavailable`. */
  status(address: string): Promise<ReplicatorFacts>;
}
export interface PostgresPlace {
  readonly address: string;
  readonly database: string;
  readonly signal: AbortSignal;
}
export interface NumberedNode {
  readonly number: number;
  readonly name: string;
}
export interface ReplicatingNode extends NumberedNode {
  readonly peers: readonly NumberedNode[];
}
/** A Postgres that listens on a socket only. */
export interface SocketPlace {
  /** Where its socket is, on this host. */
  readonly directory: string;
  readonly database: string;
  readonly signal: AbortSignal;
}
/** A node that begins as a copy of another one. */
export interface CopiedNode extends ReplicatingNode {
  /** Number of the node that was copied. */
  readonly source: number;
  /** A time by its clock that no commit of the copy is after, as Postgres writes it. */
  readonly until: string;
}
export interface ReplicatorFacts {
  /** `host:port` of the own primary; null: this one has nothing to do, its Postgres is no primary, or does not answer. */
  readonly primary: string | null;
  readonly peers: readonly PeerFacts[];
  readonly slots: readonly ReplicatorSlot[];
  /** Recorded since the process began. */
  readonly conflicts: number;
  readonly conditions: readonly ReplicatorCondition[];
}
export interface PeerFacts extends NumberedNode {
  readonly state: 'connecting' | 'streaming' | 'retrying' | 'stopped';
  /** In words. */
  readonly waitsFor: string | null;
  readonly lagBytes: number | null;
  readonly lagMs: number | null;
  readonly lastCommitTime: string | null;
  readonly clockOffsetMs: number | null;
  /** The commit LSN of the transaction it is stopped at. */
  readonly stoppedAt: string | null;
}
/** A slot on the own primary, from which a peer reads. */
export interface ReplicatorSlot {
  readonly peer: number;
  readonly exists: boolean;
  readonly active: boolean;
  readonly walStatus: string | null;
  readonly safeWalSize: number | null;
  readonly retainedBytes: number | null;
}
/** What a replicator says needs attention; one of a later release may say more. */
export type ReplicatorConditionType = ConditionType;
export interface ReplicatorCondition {
  readonly type: string;
  readonly peer: number | null;
  readonly message: string;
  readonly since: string;
}

/** One connection of the control plane, over TLS with a client certificate. Closed when `work` ends. */
export interface PostgresPort {
  session<T>(target: PostgresTarget, work: (session: PostgresSession) => Promise<T>): Promise<T>;
  /**
   * Calls back with the address when a kept session that nobody was using has ended by itself: that Postgres stops, or is
   * dead. Returns the way to unsubscribe.
   */
  onSessionLost(listener: (address: string) => void): () => void;
}
export interface PostgresTarget {
  readonly address: string;
  readonly database: string;
  /**
   * `look`: with the rights of pg_monitor, where the instance knows that role; for whatever changes nothing. `script`: for
   * statements of the spec. Absent: as the superuser. All begin with settings of their own: `search_path` is `pg_catalog`.
   * `user`: as anybody's session would begin, without rights, to see whether it can.
   */
  readonly as?: 'look' | 'script' | 'user';
  /** The session stays open for the next one that says so, up to 10 s: nothing may be set in it. They take turns. */
  readonly keep?: true;
  readonly signal?: AbortSignal;
}
export interface PostgresSession {
  query<R extends object = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /** BEGIN … COMMIT; ROLLBACK when `work` rejects. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  identifier(name: string): string;
  literal(text: string): string;
}
