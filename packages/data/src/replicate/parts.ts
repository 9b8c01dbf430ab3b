import type { Link, LinkOptions } from './link.ts';
import type { Own } from './own-node.ts';
import type { ApplierPort } from './port.ts';
import type { ReplicatorOptions } from './replicator.ts';
import type { Rounds } from './rounds.ts';
import type { Timings } from './waiting.ts';

/** What is open with the own primary. */
export interface OpenedOwn {
  readonly own: Own;
  readonly applier: ApplierPort;
  readonly rounds: Rounds;
}

/** What a replicator is made of; tests put others in their place. */
export interface Parts {
  readonly timings: Timings;
  /** What it opens ends with the signal. */
  openOwn(signal: AbortSignal): Promise<OpenedOwn>;
  openLink(options: LinkOptions): Promise<Link>;
}

/** The sessions with Postgres. */
export function realParts(_options: ReplicatorOptions): Parts {
  throw new Error('not yet');
}
