import { z } from 'zod';
import type { Clients, PostgresPlace, PostgresSession } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { schemaStays } from '../inside/schema-stays.ts';
import { drain } from '../inside/until-replicator.ts';
import { primaryAddress, withPrimary } from '../inside/with-primary.ts';
import { database } from './database.ts';
import { defineResource } from './define.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { roles } from './roles.ts';

/** A node as its peers know it. */
export const numberedNode = z.strictObject({ number: z.int(), name: z.string() });
const spec = z.strictObject({
  nodeName: z.string(),
  /** Patroni's name for the node. */
  scope: z.string(),
  databaseName: z.string(),
  /** The number of this node. */
  number: z.int(),
  /** The other nodes, by number. */
  peers: z.array(numberedNode),
});
type Spec = z.output<typeof spec>;

/**
 * What lies in the database of a node that has peers: schema `windlass`, triggers that remember what was deleted, the publication. When the
 * last peer goes, all of it goes, with the role of the replicators: a plain database is left.
 */
export const replicationSchema = defineResource({
  kind: 'replication.schema',
  version: 1,
  spec,
  status: z.strictObject({}),
  id: (s) => s.nodeName,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => [{ ref: database.ref(`${s.nodeName}:${s.databaseName}`) }, { ref: roles.ref(s.nodeName) }],
  within: (s) => patroniCluster.ref(s.scope),

  /** A schema of another release is made anew: the replicators of this one work with no other. */
  async refresh(prior, { clients, signal }) {
    const { schema, isPublished, node } = await clients.replication.installed(
      await placeOf(prior.spec, clients, signal),
    );
    if (schema === 'none' && !isPublished) return undefined;
    const drift = [
      ...(schema === 'current' ? [] : ['schema']),
      ...(isPublished ? [] : ['publication']),
      ...(schema === 'none' || node === prior.spec.number ? [] : ['number']),
    ];
    return { status: {}, drift };
  },
  create: install,
  /** Peers that go are read to the end before the replicators, which come after this, forget them. */
  async update(s, prior, context) {
    const stays = ({ number }: { number: number }): boolean => s.peers.some((one) => one.number === number);
    const gone = prior.spec.peers.filter((one) => !stays(one));
    for (const peer of gone) await drain(s, peer, context);
    const { clients, signal } = context;
    // Also of one that was to be a copy and never began: nobody else knows of its slot.
    for (const { number } of gone) await clients.replication.dropSlot(await placeOf(s, clients, signal), number);
    return install(s, context);
  },
  async delete(prior, { clients, signal, tell }) {
    const { scope, databaseName } = prior.spec;
    const stays = schemaStays(
      databaseName,
      await clients.replication.uninstall(await placeOf(prior.spec, clients, signal)),
    );
    if (stays !== undefined) await tell(stays);
    await withPrimary(clients, scope, 'postgres', signal, waitForNobody);
  },
});

/** The worker has set for which standbys streams wait; from now on nobody would take one that is dead out of it. */
async function waitForNobody(session: PostgresSession): Promise<void> {
  if ((await session.query(AWAITS)).length === 0) return;
  await session.query('ALTER SYSTEM RESET synchronized_standby_slots');
  await session.query('SELECT pg_catalog.pg_reload_conf()');
}

const AWAITS = `SELECT FROM pg_catalog.pg_settings
  WHERE name OPERATOR(pg_catalog.=) 'synchronized_standby_slots' AND setting OPERATOR(pg_catalog.<>) ''`;

async function placeOf(s: Spec, clients: Clients, signal: AbortSignal): Promise<PostgresPlace> {
  return { address: await primaryAddress(clients, s.scope), database: s.databaseName, signal };
}

async function install(s: Spec, { clients, signal }: Context<Clients>): Promise<Record<string, never>> {
  const { number, nodeName: name, peers } = s;
  await clients.replication.install(await placeOf(s, clients, signal), { number, name, peers });
  return {};
}
