import { z } from 'zod';
import type { Clients, ReplicatorFacts } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { drain, untilReplicator } from '../inside/until-replicator.ts';
import { primaryAddress } from '../inside/with-primary.ts';
import { defineResource } from './define.ts';
import { numberedNode, replicationSchema } from './replication-schema.ts';
import { replicationService } from './replication-service.ts';
import { patroniCluster } from './patroni-cluster.ts';

const READY_WITHIN_MS = 120_000;

const spec = z.strictObject({
  nodeName: z.string(),
  scope: z.string(),
  databaseName: z.string(),
  /** The other nodes, by number. */
  peers: z.array(numberedNode),
  /** Instances of this node and of its peers whose replicators run, by the name of their node. */
  instances: z.record(z.string(), z.array(z.string())),
});
type Spec = z.output<typeof spec>;

/**
 * That a node follows its peers and its peers follow it. Creates nothing; waits for it, and forgets peers that are no more: what they had
 * written before they were to go has been applied then, as far as they could be reached.
 */
export const replicationStreams = defineResource({
  kind: 'replication.streams',
  version: 1,
  spec,
  status: z.strictObject({}),
  id: (s) => s.nodeName,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => [
    { ref: replicationSchema.ref(s.nodeName) },
    ...Object.entries(s.instances).flatMap(([name, ids]) =>
      ids.map((id) => ({ ref: replicationService.ref(id), anyOf: `replicators of ${name}` })),
    ),
  ],
  within: (s) => patroniCluster.ref(s.scope),

  /** A peer that is away is a condition, told by the status of the database; waiting for it would hold up every update. */
  refresh: (prior) => Promise.resolve({ status: prior.status ?? {}, drift: [] }),
  async create(s, context) {
    await untilFollowed(s, s.peers.map(({ number }) => number), context); // prettier-ignore
    return {};
  },
  async update(s, prior, context) {
    const known = prior.spec.peers.map(({ number }) => number);
    const gone = known.filter((number) => !s.peers.some((one) => one.number === number));
    for (const number of gone) await forget(s, number, context);
    await untilFollowed(s, s.peers.flatMap(({ number }) => (known.includes(number) ? [] : [number])), context); // prettier-ignore
    return {};
  },
  /** The last peer goes, and this node stays. */
  async delete(prior, context) {
    for (const peer of prior.spec.peers) await drain(prior.spec, peer, context);
  },
});

async function forget(s: Spec, number: number, { clients, signal }: Context<Clients>): Promise<void> {
  const at = { address: await primaryAddress(clients, s.scope), database: s.databaseName, signal };
  await clients.replication.forget(at, number);
}

/** Resolves when this node reads from these peers, and they read from it. */
async function untilFollowed(s: Spec, numbers: readonly number[], context: Context<Clients>): Promise<void> {
  const limits = { withinMs: READY_WITHIN_MS, otherwise: 'does not follow its peers' };
  await untilReplicator(s, context, limits, (facts) => missing(facts, numbers, s));
}

function missing({ primary, peers, slots }: ReplicatorFacts, numbers: readonly number[], s: Spec): string[] {
  if (primary === null) return ['its replicator to reach the primary'];
  const nameOf = (number: number): string => s.peers.find((one) => one.number === number)?.name ?? String(number);
  return numbers.flatMap((number) => {
    const peer = peers.find((one) => one.number === number);
    const slot = slots.find((one) => one.peer === number);
    const reads = peer?.state === 'streaming';
    const why = peer?.waitsFor === undefined || peer.waitsFor === null ? '' : ` (${peer.waitsFor})`;
    return [
      ...(reads ? [] : [`the stream of '${nameOf(number)}'${why}`]),
      ...(slot?.active ? [] : [`'${nameOf(number)}' to read from here`]),
    ];
  });
}
