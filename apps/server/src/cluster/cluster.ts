import { createHash, randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import { formatMemory, type ApiHost, type ClusterJoinToken } from '@windlass/resources/spec';
import { keys, type HostRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { wireTime } from '../tasks/read-tasks.ts';

interface ClusterRecord {
  readonly id: string;
  readonly createdAt: string;
}

const TOKEN_SECRET = 'cluster/join-token';

/** The cluster's record; `cluster_not_initialized` when there is none. */
export async function readCluster({ kv }: Pick<ServerDeps, 'kv'>): Promise<ClusterRecord> {
  const found = await kv.get(keys.cluster);
  if (!found) throw new DomainError('cluster_not_initialized');
  return found.value as ClusterRecord;
}

/** Throws `cluster_not_initialized` until the cluster is; after that never asks the store again, for init is for ever. */
export function createClusterGate(deps: Pick<ServerDeps, 'kv'>): () => Promise<void> {
  let open = false;
  return async () => {
    if (!open) await readCluster(deps);
    open = true;
  };
}

/** Makes the cluster's record and join token. Once. */
export async function initCluster(deps: ServerDeps, id: string = randomUUID()) {
  const secret = randomBytes(16).toString('hex');
  const answer = tokenAnswer(deps, secret);
  const record: ClusterRecord = { id, createdAt: deps.now().toISOString() };
  const done = await deps.kv.commit(
    [{ key: keys.cluster, revision: 0 }],
    [
      { put: keys.cluster, value: record },
      { put: keys.secret(TOKEN_SECRET), value: deps.box.seal(TOKEN_SECRET, secret) },
    ],
  );
  if (done === false) throw new DomainError('cluster_already_initialized');
  return answer;
}

/** The token of the cluster: `PGEDGE-`, the SHA-256 fingerprint of the CA's certificate, a secret of 32 hex digits. */
export async function joinToken(deps: ServerDeps): Promise<ClusterJoinToken> {
  const sealed = await deps.kv.get(keys.secret(TOKEN_SECRET));
  if (!sealed) throw new DomainError('cluster_not_initialized');
  return tokenAnswer(deps, deps.box.open(TOKEN_SECRET, sealed.value));
}

function tokenAnswer({ caPem, serverUrls }: ServerDeps, secret: string): ClusterJoinToken {
  const fingerprint = createHash('sha256').update(new X509Certificate(caPem).raw).digest('hex');
  return { token: `PGEDGE-${fingerprint}-${secret}`, server_urls: [...serverUrls] };
}

const UNREACHABLE_AFTER_MS = 10_000;

/** Whether the host's worker wrote its record a moment ago. */
export const isReachable = (host: HostRecord, now: Date): boolean =>
  now.getTime() - Date.parse(host.seenAt) <= UNREACHABLE_AFTER_MS;

/** Hosts here run Postgres without Spock; the contract wants a digit. */
const NO_SPOCK = '0';

export function toApiHost(host: HostRecord, now: Date): ApiHost {
  const reachable = isReachable(host, now);
  const healthy = Object.values(host.components).every((c) => c.healthy);
  const versions = host.images.map((i) => ({ postgres_version: i.postgresVersion, spock_version: NO_SPOCK }));
  const byDefault = versions.find((v) => v.postgres_version.startsWith('17.')) ?? versions[0];
  const components = Object.entries(host.components).map(
    ([name, c]) =>
      [name, { healthy: c.healthy, error: c.error ?? '', ...(c.details && { details: c.details }) }] as const,
  );
  return {
    id: host.id,
    orchestrator: 'swarm',
    data_dir: host.dataDir,
    cohort: { type: 'swarm', member_id: host.swarmNodeId, control_available: host.controlAvailable },
    peer_addresses: [...host.peerAddresses],
    client_addresses: [...host.clientAddresses],
    cpus: host.cpus,
    memory: formatMemory(host.memoryBytes),
    status: {
      state: reachable ? (healthy ? 'healthy' : 'degraded') : 'unreachable',
      updated_at: wireTime(host.seenAt),
      components: reachable ? Object.fromEntries(components) : {},
    },
    ...(byDefault && { default_pgedge_version: byDefault }),
    supported_pgedge_versions: versions,
    etcd_mode: 'client',
  };
}

export async function listHosts({ kv, now }: ServerDeps): Promise<ApiHost[]> {
  return (await kv.list('hosts/')).map((row) => toApiHost(row.value as HostRecord, now()));
}
