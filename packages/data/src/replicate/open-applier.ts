import { BeginAgain, openApplier, type Applier } from '../apply/index.ts';
import { loginOf } from './endpoint.ts';
import type { InsideOptions } from './parts.ts';
import { ReadAgain, type AppliedOfPeer, type ApplierPort } from './port.ts';
import type { Lsn, SourceEvent } from '../source/postgres/index.ts';

/** The applier of SQL, at the primary that was found; its sessions end with the signal. */
export async function openSqlApplier({ me, peers, own, address, ask, signal }: InsideOptions): Promise<ApplierPort> {
  const applier = await openApplier({
    ...{ me: me.number, peers: peers.map(({ number }) => number), ask, signal },
    own: await loginOf(own, address),
  });
  return new SqlApplier(applier);
}

class SqlApplier implements ApplierPort {
  readonly #applier: Applier;
  #closed: Promise<void> | undefined;

  constructor(applier: Applier) {
    this.#applier = applier;
  }

  get conflicts(): number {
    return this.#applier.state.conflicts;
  }

  get stuck(): string | undefined {
    return this.#applier.state.stuck;
  }

  progressOf(peer: number): Promise<Lsn> {
    return this.#applier.progressOf(peer);
  }

  async take(peer: number, events: readonly SourceEvent[]): Promise<void> {
    try {
      await this.#applier.take(peer, events);
    } catch (err) {
      throw err instanceof BeginAgain ? new ReadAgain(err.message) : err;
    }
  }

  committed(peer: number): Lsn {
    return this.#applier.committed(peer);
  }

  appliedOf(peer: number): AppliedOfPeer {
    const state = this.#applier.state.peers.get(peer);
    return {
      ...{ lastCommitTime: state?.appliedTime, applied: state?.applied ?? 0 },
      ddl: state?.ddl,
      waitsFor: state?.waitingForClock ? 'the clock of this node to pass the commit time' : state?.ddl?.statement,
    };
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#applier.close());
  }
}
