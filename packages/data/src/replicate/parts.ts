import type pg from 'pg';
import { connectPrimary, type Address, type Endpoint } from './endpoint.ts';
import { openLink, type Link, type LinkOptions } from './link.ts';
import { Questions } from './questions.ts';
import { OwnNode, type Own } from './own-node.ts';
import { TIMINGS, type Timings } from './waiting.ts';
import type { NodeName, Peer } from './peer.ts';
import type { ApplierPort } from './port.ts';
import type { Rounds } from './rounds.ts';

/** What is open with the own primary. */
export interface OpenedOwn {
  readonly own: Own;
  readonly applier: ApplierPort;
  readonly rounds: Rounds;
}

/** What a replicator is made of; tests put others in their place. */
export interface Parts {
  readonly timings: Timings;
  /** What it opens ends with the signal, whatever became of the opening. */
  openOwn(signal: AbortSignal): Promise<OpenedOwn>;
  openLink(options: LinkOptions): Promise<Link>;
}

/** Which node it is, where its primary may be, and its peers. */
export interface Whereabouts {
  readonly me: NodeName;
  readonly own: Endpoint;
  readonly peers: readonly Peer[];
}

/** What lies in the own database and what applies to it; they know nothing of streams. */
export interface Inside {
  /** Makes what has to be there before anything else. */
  install(client: pg.Client, where: Whereabouts): Promise<void>;
  openApplier(options: InsideOptions): Promise<ApplierPort>;
  /** With a session that waits for locks and may take long. */
  rounds(client: pg.Client): Rounds;
}

export interface InsideOptions extends Whereabouts {
  /** Which host is the primary. */
  readonly address: Address;
  /** A session with the primary of a peer, for questions. Rejects while there is none. */
  readonly ask: (peer: number) => Promise<pg.ClientBase>;
  readonly signal: AbortSignal;
}

/** Sessions with real servers. */
export function partsOf(where: Whereabouts, inside: Inside, timings = TIMINGS): Parts {
  const questions = new Questions();
  return {
    timings,
    openOwn: (signal) => openOwn(where, inside, (peer) => questions.ask(peer), signal),
    openLink: async (options) => {
      const link = await openLink(options);
      questions.opened(options, link.address);
      return link;
    },
  };
}

async function openOwn(where: Whereabouts, inside: Inside, ask: InsideOptions['ask'], signal: AbortSignal) {
  const { own: endpoint, me } = where;
  const install = (client: pg.Client): Promise<void> => inside.install(client, where);
  const own = await OwnNode.open({ own: endpoint, me: me.number, signal, install });
  const { address } = own;
  const there = { ...endpoint, hosts: [address] };
  const settings = { session_replication_role: 'replica' };
  const { client } = await connectPrimary(there, { applicationName: 'windlass replicator rounds', signal, settings });
  const applier = await inside.openApplier({ ...where, address, ask, signal });
  return { own, applier, rounds: inside.rounds(client) };
}
