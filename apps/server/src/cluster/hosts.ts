import { formatMemory, type ApiHost } from '@windlass/resources/spec';
import { keys, type HostRecord, type Kv } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { wireTime } from '../tasks/read-tasks.ts';

const UNREACHABLE_AFTER_MS = 10_000;

/** A host with what tells whether its worker lives. */
export interface SeenHost {
  readonly host: HostRecord;
  readonly beats: boolean;
}

/** Whether the host's worker wrote its record a moment ago and did not die since. */
export const isReachable = ({ host, beats }: SeenHost, now: Date): boolean =>
  now.getTime() - Date.parse(host.seenAt) <= UNREACHABLE_AFTER_MS && (beats || host.heartbeat !== true);

export async function readHosts(kv: Kv): Promise<SeenHost[]> {
  const [hosts, beats] = await Promise.all([kv.list(keys.host('')), kv.list(keys.heartbeat())]);
  const beating = new Set(beats.map(({ key }) => key));
  return hosts
    .map((row) => row.value as HostRecord)
    .map((host) => ({ host, beats: beating.has(keys.heartbeat(host.id)) }));
}

/** `undefined` when there is no such host. */
export async function readHost(kv: Kv, id: string): Promise<SeenHost | undefined> {
  const [found, beat] = await Promise.all([kv.get(keys.host(id)), kv.get(keys.heartbeat(id))]);
  return found && { host: found.value as HostRecord, beats: beat !== undefined };
}

/** Hosts here run Postgres without Spock; the contract wants a digit. */
const NO_SPOCK = '0';

export function toApiHost(seen: SeenHost, now: Date): ApiHost {
  const { host } = seen;
  const reachable = isReachable(seen, now);
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
  return (await readHosts(kv)).map((seen) => toApiHost(seen, now()));
}
