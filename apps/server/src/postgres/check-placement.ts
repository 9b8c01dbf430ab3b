import { randomUUID } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import { proposals } from '@windlass/resources/postgres/records';
import { effectiveNode, type StoredSpec } from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';

const LIMIT_MS = 3000;
const PROPOSAL_TTL_SECONDS = 60;

/** Asks the hosts what only they know, and only when the spec names something of theirs: a port, volumes, networks, an image. */
export async function checkPlacement(deps: ServerDeps, databaseId: string, stored: StoredSpec): Promise<void> {
  if (!namesHostThings(stored)) return;
  const proposalId = await propose(deps, stored);
  const { problems } = await deps.temporal.execute(
    {
      type: 'validatePlacement',
      id: `validate/${proposalId}`,
      input: { databaseId, proposalId },
      summary: `validate the placement of database ${databaseId}`,
      attributes: { WindlassDatabaseId: databaseId, WindlassTaskType: 'validate' },
    },
    LIMIT_MS,
  );
  if (problems.length > 0) throw new DomainError('invalid_input', problems.join('\n'));
}

/** Stores a spec for a minute under a fresh id, so that workflows can be given a reference instead of a spec. */
export async function propose({ kv }: ServerDeps, stored: StoredSpec): Promise<string> {
  const proposalId = randomUUID();
  await kv.commit([], [{ ...proposals.put(stored, proposalId), ttlSeconds: PROPOSAL_TTL_SECONDS }]);
  return proposalId;
}

function namesHostThings({ spec }: StoredSpec): boolean {
  return spec.nodes.some((node) => {
    const { port, orchestratorOpts } = effectiveNode(spec, node.name);
    const swarm = orchestratorOpts?.swarm;
    const lists = (swarm?.extra_volumes?.length ?? 0) + (swarm?.extra_networks?.length ?? 0);
    return (port ?? 0) > 0 || lists > 0 || (swarm?.image ?? '') !== '';
  });
}
