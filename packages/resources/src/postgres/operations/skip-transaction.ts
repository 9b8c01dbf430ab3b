import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients, PeerFacts } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { DomainError } from '../../errors/index.ts';
import { replicatorStatus } from '../inside/replicator-status.ts';
import { withPrimary } from '../inside/with-primary.ts';

export interface Skip {
  readonly nodeName: string;
  /** Patroni's name for the node. */
  readonly scope: string;
  /** Its primary, on this host. */
  readonly instanceId: string;
  readonly databaseName: string;
  readonly peer: { readonly number: number; readonly name: string };
  /** Of the transaction at which the stream of the peer is stopped. */
  readonly lsn: string;
  /** Who decided it: a task. */
  readonly by: string;
}

/** The replicator tries again every 5 s. */
const GOES_ON_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 200;

const SKIPPED = 'SELECT 1 FROM windlass.skipped WHERE peer = $1::int AND lsn = $2::pg_lsn';
const SKIP = `INSERT INTO windlass.skipped (peer, lsn, recorded_by) VALUES ($1::int, $2::pg_lsn, $3)
  ON CONFLICT (peer, lsn) DO NOTHING`;

/**
 * Has a node leave out, for good, the transaction of a peer at which its stream is stopped; resolves when the stream has gone on. One that is left
 * out already is success. Rejects `operation_refused` when the stream is not stopped there, `instance_not_ready` when it does not go on.
 */
export async function skipTransaction(clients: Clients, skip: Skip, { signal, progress }: Run): Promise<void> {
  const { scope, databaseName, peer, lsn, by } = skip;
  const query = (text: string, more: readonly string[] = []): Promise<object[]> =>
    withPrimary(clients, scope, databaseName, signal, (session) => session.query(text, [peer.number, lsn, ...more]));
  const before = await stream(clients, skip);
  if (!isAt(before, lsn) && (await query(SKIPPED)).length === 0) refuse(skip, before);
  await query(SKIP, [by]);
  const limit = performance.now() + GOES_ON_WITHIN_MS;
  while (isAt(await stream(clients, skip), lsn)) {
    if (performance.now() > limit)
      throw new DomainError('instance_not_ready', `the transaction is left out, and the stream of '${peer.name}' does not go on`); // prettier-ignore
    progress(`the stream of '${peer.name}' goes on after ${lsn}`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function stream(clients: Clients, { instanceId, peer }: Skip): Promise<PeerFacts | undefined> {
  return (await replicatorStatus(clients, instanceId)).peers.find(({ number }) => number === peer.number);
}

const isAt = (found: PeerFacts | undefined, lsn: string): boolean =>
  typeof found?.stoppedAt === 'string' && sameLsn(found.stoppedAt, lsn);

function refuse({ nodeName, peer, lsn }: Skip, found: PeerFacts | undefined): never {
  const at = typeof found?.stoppedAt === 'string' ? `it is stopped at ${found.stoppedAt}` : 'it is not stopped';
  throw new DomainError('operation_refused', `node '${nodeName}' is not stopped at ${lsn} of '${peer.name}': ${at}`);
}

/** `0/1a` and `0/0000001A` are the same. */
const sameLsn = (a: string, b: string): boolean => valueOf(a) === valueOf(b);

function valueOf(lsn: string): bigint {
  const [high = '0', low = '0'] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
