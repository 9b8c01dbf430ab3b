import type { PeerStatus, ReplicatorStatus } from '@windlass/data/replicate';
import { readable } from './readable.ts';

/** What `GET /status` answers: names as everywhere on the wire, positions as Postgres writes them. */
export function statusJson(status: ReplicatorStatus): object {
  return {
    node: { number: status.number, name: status.name, primary: status.primary ?? null },
    peers: status.peers.map(peerJson),
    slots: status.slots.map((slot) => ({
      ...{ peer: slot.peer, name: slot.name, exists: slot.exists, active: slot.active },
      ...{ wal_status: slot.walStatus ?? null, safe_wal_size: slot.safeWalSize ?? null },
      retained_bytes: slot.retainedBytes ?? null,
    })),
    conflicts: status.conflicts,
    conditions: status.conditions.map(({ since, peer, ...rest }) => ({
      ...{ ...rest, peer: peer ?? null, since: new Date(since).toISOString() },
    })),
  };
}

function peerJson(peer: PeerStatus): object {
  return {
    ...{ number: peer.number, name: peer.name, state: peer.state, waits_for: peer.waitsFor ?? null },
    ...{ lag_bytes: peer.lagBytes ?? null, lag_ms: peer.lagMs ?? null, queued_bytes: peer.queuedBytes },
    last_commit_time: peer.lastCommitTime === undefined ? null : readable.time(peer.lastCommitTime),
    ...{ committed_lsn: readable.lsn(peer.committedLsn), confirmed_lsn: readable.lsn(peer.confirmedLsn) },
    ...{ applied_transactions: peer.applied, connects: peer.connects, clock_offset_ms: peer.clockOffsetMs ?? null },
    stopped_at_lsn: peer.stoppedAt === undefined ? null : readable.lsn(peer.stoppedAt),
  };
}
