import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { OPEN, openNode } from '../inside/open-node.ts';
import { primaryAddress, withPrimary } from '../inside/with-primary.ts';
import { defineResource } from './define.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { replicationSchema } from './replication-schema.ts';

const spec = z.strictObject({
  nodeName: z.string(),
  /** Patroni's name for the node. */
  scope: z.string(),
  databaseName: z.string(),
  /** Numbers of the nodes that began with it. */
  peers: z.array(z.int()),
});
type Spec = z.output<typeof spec>;

/**
 * Lets users of a new database with several nodes in: on each node when the slots are there from which the others will read, so that nothing is
 * written before that. Slots of nodes that have read are never made again.
 */
export const replicationSlots = defineResource({
  kind: 'replication.slots',
  version: 1,
  spec,
  status: z.strictObject({}),
  id: (s) => s.nodeName,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => [{ ref: replicationSchema.ref(s.nodeName) }],
  within: (s) => patroniCluster.ref(s.scope),

  async refresh(prior, { clients, signal }) {
    const isOpen = await looksOpen(prior.spec, clients, signal);
    return { status: prior.status ?? {}, drift: isOpen ? [] : ['closed'] };
  },
  create: open,
  async update(s, prior, context) {
    if (prior.status === undefined) return open(s, context);
    if (!(await looksOpen(s, context.clients, context.signal))) await letIn(s, context);
    return {};
  },
  delete: () => Promise.resolve(),
});

async function looksOpen(s: Spec, clients: Clients, signal: AbortSignal): Promise<boolean> {
  const rows = await withPrimary(clients, s.scope, 'postgres', signal, (session) =>
    session.query(OPEN, [s.databaseName]),
  );
  return rows.length > 0;
}

async function open(s: Spec, context: Context<Clients>): Promise<Record<string, never>> {
  const { clients, signal } = context;
  if (await looksOpen(s, clients, signal)) return {};
  const at = { address: await primaryAddress(clients, s.scope), database: s.databaseName, signal };
  await clients.replication.makeSlots(at, s.peers);
  await letIn(s, context);
  return {};
}

const letIn = (s: Spec, { clients, signal }: Context<Clients>): Promise<void> =>
  withPrimary(clients, s.scope, 'postgres', signal, (session) => openNode(session, s.databaseName));
