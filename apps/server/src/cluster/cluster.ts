import { randomUUID } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import type { ClusterJoinToken } from '@windlass/resources/platform/api';
import type { ServerDeps } from '../core/deps.ts';
import { clusterRecords, type ClusterRecord } from './cluster-record.ts';
import { newJoinToken } from './join-tokens.ts';

/** The cluster's record; `cluster_not_initialized` when there is none. */
export async function readCluster({ kv }: Pick<ServerDeps, 'kv'>): Promise<ClusterRecord> {
  const found = await clusterRecords.get(kv);
  if (!found) throw new DomainError('cluster_not_initialized');
  return found.value;
}

export async function isInitialized({ kv }: Pick<ServerDeps, 'kv'>): Promise<boolean> {
  try {
    return (await clusterRecords.get(kv)) !== undefined;
  } catch (err) {
    if (err instanceof DomainError && err.code === 'cluster_not_initialized') return false;
    throw err;
  }
}

/** Throws `cluster_not_initialized` until the cluster is; after that never asks the store again, for init is for ever. */
export function createClusterGate(deps: Pick<ServerDeps, 'kv'>): () => Promise<void> {
  let open = false;
  return async () => {
    if (!open) await readCluster(deps);
    open = true;
  };
}

/** Makes the cluster's record, once, and a token with which more servers may join while they are set up. */
export async function initCluster(deps: ServerDeps, id: string = randomUUID()): Promise<ClusterJoinToken> {
  const record: ClusterRecord = { id, createdAt: deps.now().toISOString() };
  const token = newJoinToken(deps, { reusable: true });
  const done = await deps.kv.commit(
    [{ key: clusterRecords.key(), revision: 0 }],
    [clusterRecords.put(record), token.write],
  );
  if (done === false) throw new DomainError('cluster_already_initialized');
  return token.answer;
}
