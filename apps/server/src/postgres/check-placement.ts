import { DomainError } from '@windlass/resources/errors';
import { proposals } from '@windlass/resources/postgres/records';
import { effectiveNode, type StoredSpec } from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';
import { propose } from '../entities/propose.ts';
import { lookAttributes } from './look-attributes.ts';

const LIMIT_MS = 3000;

/** Asks the hosts what only they know, and only when the spec names something of theirs: a port, volumes, networks, an image. */
export async function checkPlacement(deps: ServerDeps, databaseId: string, stored: StoredSpec): Promise<void> {
  if (!namesHostThings(stored)) return;
  const proposalId = await propose(deps, proposals, stored);
  const { problems } = await deps.temporal.execute(
    {
      type: 'validatePlacement',
      id: `validate/${proposalId}`,
      input: { databaseId, proposalId },
      summary: `validate the placement of database ${databaseId}`,
      attributes: lookAttributes(databaseId, 'validate'),
    },
    LIMIT_MS,
  );
  if (problems.length > 0) throw new DomainError('invalid_input', problems.join('\n'));
}

function namesHostThings({ spec }: StoredSpec): boolean {
  return spec.nodes.some((node) => {
    const { port, orchestratorOpts } = effectiveNode(spec, node.name);
    const swarm = orchestratorOpts?.swarm;
    const lists = (swarm?.extra_volumes?.length ?? 0) + (swarm?.extra_networks?.length ?? 0);
    return (port ?? 0) > 0 || lists > 0 || (swarm?.image ?? '') !== '';
  });
}
