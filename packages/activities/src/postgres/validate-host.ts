import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clients } from '@windlass/resources/postgres/clients';
import { hostRecords } from '@windlass/resources/platform/records';
import { databaseEntity } from '@windlass/resources/entity';
import { hostPort } from '@windlass/resources/postgres/kinds';
import { hostImages } from '@windlass/resources/postgres/spec';
import { proposals } from '@windlass/resources/postgres/records';
import type { ActivityDeps } from '../core/deps.ts';

/** Checks on this host what only the host knows: ports, volumes, networks, images. Returns what is wrong, one line each. */
export function validateHost(deps: ActivityDeps) {
  return async function validateHost(input: {
    readonly databaseId: string;
    readonly proposalId: string;
  }): Promise<string[]> {
    const proposal = (await proposals.get(deps.kv, input.proposalId))?.value;
    if (!proposal) return [];
    const { hostId } = deps.clients.host;
    const nodes = proposal.spec.nodes.filter((n) => n.host_ids.includes(hostId));
    const problems: string[] = [];
    for (const node of nodes) {
      const prefix = `validation error for node ${node.name}, host ${hostId}: `;
      const swarm = (node.orchestrator_opts ?? proposal.spec.orchestrator_opts)?.swarm;
      const found = [
        ...(await portProblems(deps, input.databaseId, node.port ?? proposal.spec.port)),
        ...(await volumeProblems(deps.clients, swarm?.extra_volumes?.map((v) => v.host_path) ?? [])),
        ...(await networkProblems(deps.clients, swarm?.extra_networks?.map((n) => n.id) ?? [])),
        ...(swarm?.image ? await imageProblems(deps, swarm.image) : []),
      ];
      problems.push(...found.map((text) => prefix + text));
    }
    return problems;
  };
}

async function portProblems(deps: ActivityDeps, databaseId: string, port: number | undefined): Promise<string[]> {
  if (port === undefined || port === 0) return [];
  const records = await deps.state.list(databaseEntity(databaseId));
  const ours = records.some(
    ({ ref, status }) =>
      ref.kind === hostPort.kind && status !== undefined && hostPort.status.parse(status).port === port,
  );
  if (ours) return [];
  const holder = await deps.clients.ports.reservedBy(deps.clients.host.hostId, port);
  if (holder !== undefined) return [`port: ${String(port)} is already allocated to '${holder}'`];
  return (await canBind(port)) ? [] : [`port: failed to bind ${String(port)}: it is already in use`];
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A link leads where Docker would follow it: who writes under a root may make one that leads out of it. */
async function volumeProblems({ host }: Clients, paths: readonly string[]): Promise<string[]> {
  const roots = host.allowedVolumeRoots;
  const real = await Promise.all(roots.map(realOf));
  const isUnder = (one: string, roots: readonly (string | undefined)[]): boolean =>
    roots.some((root) => root !== undefined && (one === root || one.startsWith(root + path.sep)));
  const named = roots.join(', ') || 'none is configured';
  const problems: string[] = [];
  for (const hostPath of paths) {
    const found = isUnder(hostPath, roots) ? await realOf(hostPath) : undefined;
    if (!isUnder(hostPath, roots)) problems.push(`volumes: '${hostPath}' is not under an allowed root (${named})`);
    else if (found === undefined) problems.push(`volumes: bind source path does not exist: ${hostPath}`);
    else if (!isUnder(found, real))
      problems.push(`volumes: '${hostPath}' leads to '${found}', which is not under an allowed root (${named})`);
  }
  return problems;
}

const realOf = (one: string): Promise<string | undefined> => realpath(one).catch(() => undefined);

async function networkProblems({ docker }: Clients, targets: readonly string[]): Promise<string[]> {
  const refusals = await Promise.all(targets.map((target) => docker.networkRefusal(target)));
  return refusals.flatMap((refusal, i) =>
    refusal === undefined ? [] : [`orchestrator_opts.swarm.extra_networks[${String(i)}].id: ${refusal}`],
  );
}

async function imageProblems(deps: ActivityDeps, image: string): Promise<string[]> {
  const found = await deps.clients.docker.image(image);
  if (!found) return [`image "${image}" could not be verified: it is not on this host`];
  await noteImages(deps);
  return [];
}

/** What its image allows decides what a container may do: an image that is younger than the last report of this host is made known first. */
async function noteImages({ kv, clients: { docker, host } }: ActivityDeps): Promise<void> {
  const images = await hostImages(docker);
  await hostRecords.change(kv, [host.hostId], (known) =>
    isDeepStrictEqual(known.images, images) ? undefined : { ...known, images },
  );
}
