import { formatMemory, type ApiHost } from '@windlass/resources/spec';
import type { HostRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { wireTime } from '../tasks/read-tasks.ts';

const UNREACHABLE_AFTER_MS = 10_000;

/** Whether the host's worker wrote its record a moment ago. */
export const isReachable = (host: HostRecord, now: Date): boolean =>
  now.getTime() - Date.parse(host.seenAt) <= UNREACHABLE_AFTER_MS;

/** Hosts here run Postgres without Spock; the contract wants a digit. */
const NO_SPOCK = '0';

export function toApiHost(host: HostRecord, now: Date): ApiHost {
  const reachable = isReachable(host, now);
  const healthy = Object.values(host.components).every((c) => c.healthy);
  const versions = [...new Set(host.images.map((i) => i.postgresVersion))].map((version) => ({
    postgres_version: version,
    spock_version: NO_SPOCK,
  }));
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
