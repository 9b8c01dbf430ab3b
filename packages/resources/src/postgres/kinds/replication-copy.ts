import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import { digest } from '../../engine/hash.ts';
import type { Context } from '../../engine/resource.ts';
import { domainErrorOf, ERRORS } from '../../errors/index.ts';
import {
  copyNode,
  discardWork,
  giveUpCopy,
  release,
  restorePaths,
  swapIn,
  type RestorePlace,
} from '../restore/index.ts';
import { restoreContainer } from '../restore/restore-wish.ts';
import { defineResource } from './define.ts';
import { directories } from './directories.ts';
import { network } from './network.ts';
import { replicationCertificates } from './replication-certificates.ts';
import { numberedNode, replicationSchema } from './replication-schema.ts';

const spec = z.strictObject({
  instanceId: z.string(),
  nodeName: z.string(),
  hostId: z.string(),
  /** Patroni's name for the node. */
  scope: z.string(),
  networkName: z.string(),
  container: restoreContainer,
  databaseName: z.string(),
  number: z.int(),
  /** The node it is a copy of, by its number. */
  source: z.int(),
  /** All nodes that were there before, with `host:port` of their instances in the network of the database. */
  there: z.array(numberedNode.extend({ hosts: z.array(z.string()) })),
  /** All other nodes. */
  peers: z.array(numberedNode),
});
type Spec = z.output<typeof spec>;

/**
 * The data a node begins with that comes to others: a copy of one of them, made while all are written to. Its first instance gets it before it starts
 * Postgres; its replicas copy that one. Data that is there is never touched: a change of the spec changes nothing.
 */
export const replicationCopy = defineResource({
  kind: 'replication.copy',
  version: 1,
  slow: true,
  spec,
  status: z.strictObject({ lsn: z.string().optional() }),
  id: (s) => s.scope,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  dependsOn: (s) => [
    { ref: directories.ref(s.instanceId) },
    { ref: replicationCertificates.ref(s.instanceId) },
    { ref: network.ref(s.networkName) },
    ...s.there.map(({ name }) => ({ ref: replicationSchema.ref(name) })),
  ],
  within: (s) => directories.ref(s.instanceId),

  refresh: (prior) => Promise.resolve({ status: prior.status ?? {}, drift: [] }),
  create: begin,
  /** Begun and never finished is begun again. */
  update: (s, prior, context) => (prior.status === undefined ? begin(s, context) : Promise.resolve(prior.status)),
  delete: (prior, { clients, owner }) => discardWork(clients, placeOf(prior.spec, owner.entity.id)),
});

const placeOf = (s: Spec, databaseId: string): RestorePlace => ({
  key: `copy-${digest({ number: s.number, source: s.source }).slice(0, 12)}`,
  databaseId,
  nodeName: s.nodeName,
  instanceId: s.instanceId,
  backupsOf: databaseId,
  container: s.container,
});

/** For how long the other nodes are asked to forget a copy that will not be. */
const GIVE_UP_MS = 30_000;

async function begin(s: Spec, context: Context<Clients>): Promise<{ lsn?: string }> {
  const { clients, owner, signal } = context;
  const place = placeOf(s, owner.entity.id);
  const there = await clients.files.directory(restorePaths(place).live);
  try {
    const status = there ? {} : { lsn: await makeCopy(s, place, context) };
    await release(clients, s.instanceId); // its container may wait for the data already
    await discardWork(clients, place);
    return status;
  } catch (err) {
    const code = domainErrorOf(err)?.code;
    if (signal.aborted || (code !== undefined && !ERRORS[code].retryable)) await giveUp(place, context);
    throw err;
  }
}

async function makeCopy(s: Spec, place: RestorePlace, { clients, signal, progress }: Context<Clients>) {
  const { number, nodeName: name, databaseName, source, there, peers } = s;
  const lsn = await copyNode(
    clients,
    place,
    { number, name, databaseName, source, there, peers },
    { signal, progress },
  );
  await swapIn(clients.files, place, restorePaths(place).copy);
  return lsn;
}

async function giveUp(place: RestorePlace, { clients, tell }: Context<Clients>): Promise<void> {
  if (await clients.files.directory(restorePaths(place).live)) return; // it is the data by now
  try {
    await giveUpCopy(clients, place, AbortSignal.timeout(GIVE_UP_MS));
  } catch {
    await tell(`a slot for node '${place.nodeName}' may be left at another node: it goes with the node`);
  }
  await discardWork(clients, place);
}
