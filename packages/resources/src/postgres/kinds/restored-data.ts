import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import { digest } from '../../engine/hash.ts';
import type { Context } from '../../engine/resource.ts';
import { domainErrorOf, ERRORS } from '../../errors/index.ts';
import {
  copyBackup,
  discardWork,
  findBackup,
  LEFT_THERE,
  recoverCopy,
  release,
  restorePaths,
  swapIn,
  type RestorePlace,
} from '../restore/index.ts';
import { restoreContainer, restoreOrigin } from '../restore/restore-wish.ts';
import { defineResource } from './define.ts';
import { directories } from './directories.ts';

const spec = z.strictObject({
  instanceId: z.string(),
  nodeName: z.string(),
  hostId: z.string(),
  /** Patroni's name for the node. */
  scope: z.string(),
  origin: restoreOrigin,
  container: restoreContainer,
  databaseName: z.string(),
});
type Spec = z.output<typeof spec>;

/**
 * The data a new node begins with: a backup, made by this database or another one. Its first instance gets it before it
 * starts Postgres; the others copy that one. Data that is there is never touched: a change of the spec changes nothing.
 */
export const restoredData = defineResource({
  kind: 'postgres.restored',
  version: 1,
  slow: true,
  spec,
  status: z.strictObject({ timeline: z.int().optional(), lastCommitAt: z.string().optional() }),
  id: (s) => s.scope,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  dependsOn: (s) => [{ ref: directories.ref(s.instanceId) }],
  within: (s) => directories.ref(s.instanceId),

  refresh: (prior) => Promise.resolve({ status: prior.status ?? {}, drift: [] }),
  create: begin,
  update: (_s, prior) => Promise.resolve(prior.status ?? {}),
  delete: (prior, { clients, owner }) => discardWork(clients, placeOf(prior.spec, owner.entity.id)),
});

/** Another origin is another copy: what was begun for one is of no use for the other. */
const placeOf = (s: Spec, databaseId: string): RestorePlace => ({
  key: `begin-${digest(s.origin).slice(0, 12)}`,
  databaseId,
  nodeName: s.nodeName,
  instanceId: s.instanceId,
  backupsOf: s.origin.source.databaseId,
  container: s.container,
});

async function begin(s: Spec, context: Context<Clients>): Promise<{ timeline?: number; lastCommitAt?: string }> {
  const { clients, owner, signal } = context;
  const place = placeOf(s, owner.entity.id);
  const there = await clients.files.directory(restorePaths(place).live);
  try {
    const status = there ? {} : await makeCopy(s, place, context);
    await release(clients, s.instanceId); // its container may wait for the data already
    await discardWork(clients, place);
    return status;
  } catch (err) {
    const code = domainErrorOf(err)?.code;
    if (signal.aborted || (code !== undefined && !ERRORS[code].retryable)) await discardWork(clients, place);
    throw err;
  }
}

async function makeCopy(s: Spec, place: RestorePlace, { clients, signal, progress, tell }: Context<Clients>) {
  const { origin, databaseName } = s;
  const { copy } = restorePaths(place);
  progress('looking for the backup');
  const backup = await findBackup(clients, place, origin, signal);
  const onBytes = ({ bytesDone, bytesTotal }: { bytesDone: number; bytesTotal: number }): void =>
    progress(`${String(bytesDone)} of ${String(bytesTotal)} bytes`);
  await copyBackup(clients, place, { origin, backup }, { signal, progress, onBytes });
  const { source, target } = origin;
  const aims = { sourceName: source.databaseName, databaseName, foreign: source.databaseId !== place.databaseId };
  const recovery = { data: copy, origin, aims, target, timeline: backup.timeline, former: backup.former };
  const { timeline, lastCommitAt, stays } = await recoverCopy(clients, place, recovery, { signal, progress });
  await swapIn(clients.files, place, copy);
  if (aims.foreign) await tell(LEFT_THERE);
  if (stays !== undefined) await tell(stays);
  return { timeline, ...(lastCommitAt !== undefined && { lastCommitAt }) };
}
