import type { LeafBook } from '../../platform/leaves/index.ts';
import type { Kv } from '../../store/kv.ts';
import type { Log } from '../../watcher/log.ts';
import type { Watcher } from '../../watcher/watcher.ts';
import type { Clients } from '../clients/ports.ts';
import type { InstanceStatus } from '../records/instance-records.ts';
import { peerSlotsOf } from './host-instances.ts';
import { EndedLogins } from './ended-logins.ts';
import { FailoverSlots, type ReplicatingMember } from './failover-slots.ts';
import { FastFailover } from './fast-failover.ts';
import { KeptDataRemover } from './kept-data.ts';
import { LeafRenewal } from './leaf-renewal.ts';
import { MemberSlots } from './member-slots.ts';
import { ReplicaMender } from './mend-replicas.ts';
import { InstanceMonitor } from './monitor.ts';
import { StalePrimaries } from './stale-primaries.ts';

export interface PostgresWatching {
  readonly kv: Kv;
  readonly clients: Clients;
  readonly log: Log;
  onError(err: unknown): void;
  /** Whether a replica that cannot follow any more is made anew. */
  readonly mends: boolean;
  /** Where the certificates of this host are noted. */
  readonly leaves: LeafBook;
}

/** What looks after the instances of this host, in the order in which it begins. */
export function postgresWatchers({ kv, clients, log, onError, mends, leaves }: PostgresWatching): {
  readonly watchers: readonly Watcher[];
  /** Brings the statuses of a database's instances here up to date, now. */
  sample(databaseId: string): Promise<void>;
} {
  const mender = mends ? new ReplicaMender(clients, log) : undefined;
  const slots = new MemberSlots(clients, log);
  const logins = new EndedLogins(clients, log);
  const care = async (status: InstanceStatus, scope: string): Promise<void> => {
    await Promise.all([mender?.note(status, scope), slots.note(status, scope), logins.note(status)]);
  };
  const monitor = new InstanceMonitor(kv, clients, onError, care);
  const failover = new FastFailover(kv, clients, log);
  const stale = new StalePrimaries(clients, () => monitor.members(), log);
  const kept = new KeptDataRemover({ kv, clients }, log);
  const peerSlots = new FailoverSlots(clients, () => replicating(monitor), log);
  const renewal = new LeafRenewal(clients, leaves, () => monitor.members(), log);
  return {
    watchers: [monitor, failover, stale, kept, peerSlots, renewal],
    sample: (databaseId) => monitor.sample(databaseId),
  };
}

/** Instances of this host whose database has several nodes. */
const replicating = (monitor: InstanceMonitor): ReplicatingMember[] =>
  monitor
    .members()
    .flatMap(({ replicates, ...one }) => (replicates ? [{ ...one, peerSlots: peerSlotsOf(replicates) }] : []));
