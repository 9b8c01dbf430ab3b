import type { Answer, Step } from './exchange.ts';
import type { ApplierState, PeerState } from './options.ts';

/** Of how many rows a statement says that it did something. */
export const doneBy = (answer: Answer | undefined): number => Number(answer?.tag.split(' ').at(-1));

/** What the applier says of itself. */
export class States implements ApplierState {
  readonly peers: ReadonlyMap<number, PeerState>;
  conflicts = 0;
  stuck: string | undefined;

  constructor(peers: readonly number[]) {
    const fresh = (): PeerState => ({
      ...{ appliedTime: undefined, waitingForClock: false },
      ...{ applied: 0, rejected: 0, repeated: 0, stopped: undefined, ddl: undefined },
    });
    this.peers = new Map(peers.map((peer) => [peer, fresh()]));
  }

  /** What statements did: those that apply a transaction of this peer, or (undefined) look again at what is here. */
  count(peer: number | undefined, steps: readonly Step[], answers: readonly Answer[]): void {
    for (const [i, { rows, records }] of steps.entries()) {
      const done = doneBy(answers[i]);
      if (peer !== undefined && rows !== undefined) this.of(peer).rejected += rows - done;
      if (records) this.conflicts += done;
    }
  }

  of(peer: number): PeerState {
    const state = this.peers.get(peer);
    if (!state) throw new Error(`node ${String(peer)} is no peer`);
    return state;
  }
}
