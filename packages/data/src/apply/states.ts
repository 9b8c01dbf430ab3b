import type { ApplierState, PeerState } from './options.ts';

/** What the applier says of itself. */
export class States implements ApplierState {
  readonly peers: ReadonlyMap<number, PeerState>;
  conflicts = 0;

  constructor(peers: readonly number[]) {
    const fresh = (): PeerState => ({
      ...{ appliedTime: undefined, waitingForClock: false, clockAlarm: false },
      ...{ applied: 0, rejected: 0, repeated: 0, stopped: undefined, ddl: undefined },
    });
    this.peers = new Map(peers.map((peer) => [peer, fresh()]));
  }

  of(peer: number): PeerState {
    const state = this.peers.get(peer);
    if (!state) throw new Error(`node ${String(peer)} is no peer`);
    return state;
  }
}
