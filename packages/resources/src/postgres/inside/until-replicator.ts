import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients, ReplicatorFacts } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { DomainError, domainErrorOf } from '../../errors/index.ts';
import { replicatorStatus } from './replicator-status.ts';
import { primaryInstance } from './with-primary.ts';

const LOOK_EVERY_MS = 50;
const DRAINED_WITHIN_MS = 60_000;

export interface ReplicatingPlace {
  readonly nodeName: string;
  /** Patroni's name for the node. */
  readonly scope: string;
}

/** What the replicator of a node says, at whichever instance is the primary; rejects `primary_moved` where that is on another host. */
const look = async ({ scope }: ReplicatingPlace, clients: Clients): Promise<ReplicatorFacts> =>
  replicatorStatus(clients, await primaryInstance(clients, scope));

/** Looks until nothing is missing any more, in words; else rejects `instance_not_ready` with what `otherwise` says and what is missing. */
export async function untilReplicator(
  place: ReplicatingPlace,
  { clients, signal, progress }: Context<Clients>,
  { withinMs, otherwise }: { readonly withinMs: number; readonly otherwise: string },
  missing: (facts: ReplicatorFacts) => string[],
): Promise<void> {
  const limit = AbortSignal.timeout(withinMs);
  let waiting: string[] = [];
  try {
    for (;;) {
      waiting = await look(place, clients).then(missing, notYet);
      if (waiting.length === 0) return;
      progress(`waiting for ${waiting.join(', ')}`);
      await sleep(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([signal, limit]) });
    }
  } catch (err) {
    if (!limit.aborted || signal.aborted) throw err;
    const message = `node '${place.nodeName}' ${otherwise}: waiting for ${waiting.join(', ')}`;
    throw new DomainError('instance_not_ready', message);
  }
}

function notYet(err: unknown): string[] {
  if (domainErrorOf(err)?.code === 'replicator_unavailable') return ['its replicator'];
  throw err;
}

/**
 * Waits until everything is applied that a peer had written when this was called. A peer that cannot be reached is not waited for, nor one that
 * takes too long: what it had not sent is lost to this node, which the log of the task says.
 */
export async function drain(
  place: ReplicatingPlace,
  peer: { readonly number: number; readonly name: string },
  context: Context<Clients>,
): Promise<void> {
  const begun = Date.now();
  let isAway = false;
  const missing = ({ peers }: ReplicatorFacts): string[] => {
    const found = peers.find(({ number }) => number === peer.number);
    isAway = found?.state !== 'streaming';
    const isLater = Date.parse(found?.lastCommitTime ?? '') > begun;
    return isAway || found?.lagBytes === 0 || isLater ? [] : [`what '${peer.name}' wrote to be applied`];
  };
  const otherwise = `does not come to the end of what '${peer.name}' wrote`;
  try {
    await untilReplicator(place, context, { withinMs: DRAINED_WITHIN_MS, otherwise }, missing);
    if (!isAway) return;
  } catch (err) {
    if (context.signal.aborted || domainErrorOf(err)?.code !== 'instance_not_ready') throw err;
  }
  await context.tell(
    `what node '${peer.name}' had not sent to '${place.nodeName}' yet is lost to it: it was not reached`,
  );
}
