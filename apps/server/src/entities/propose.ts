import { randomUUID } from 'node:crypto';
import type { Collection } from '@windlass/resources/store';
import type { ServerDeps } from '../core/deps.ts';

const PROPOSAL_TTL_SECONDS = 60;

/** Stores a spec for a minute under a fresh id, so that workflows can be given a reference instead of a spec. */
export async function propose<S>(
  { kv }: Pick<ServerDeps, 'kv'>,
  proposals: Pick<Collection<S, [proposalId: string]>, 'put'>,
  stored: S,
): Promise<string> {
  const proposalId = randomUUID();
  await kv.commit([], [{ ...proposals.put(stored, proposalId), ttlSeconds: PROPOSAL_TTL_SECONDS }]);
  return proposalId;
}
