import { formatMemory, SPOCK_INTERFACE } from '@windlass/resources/postgres/spec';
import { type ApiHost } from '@windlass/resources/platform/api';
import { heartbeats, hostRecords, type HostRecord } from '@windlass/resources/platform/records';
import type { Kv } from '@windlass/resources/store';
import type { ServerDeps } from '../core/deps.ts';
import { wireTime } from '../core/tasks/read-tasks.ts';
import { listReadable, type ManyDeps } from '../core/unreadable-records.ts';
import { readDrain, readDrains, type Drain } from './drains.ts';

const UNREACHABLE_AFTER_MS = 10_000;

/** A host with what tells whether its worker lives. */
export interface SeenHost {
  readonly host: HostRecord;
  readonly beats: boolean;
  /** It is being drained, or is drained. */
  readonly drain?: Drain | undefined;
}

/** Whether the host's worker wrote its record a moment ago and did not die since. */
export const isReachable = ({ host, beats }: SeenHost, now: Date): boolean =>
  now.getTime() - Date.parse(host.seenAt) <= UNREACHABLE_AFTER_MS && (beats || host.heartbeat !== true);

/** One whose record cannot be read is left out, and told. */
export async function readHosts(deps: ManyDeps & Pick<ServerDeps, 'kv'>): Promise<SeenHost[]> {
  const [hosts, beats, drains] = await Promise.all([
    listHostRecords(deps),
    heartbeats.list(deps.kv, []),
    readDrains(deps.kv),
  ]);
  const beating = new Set(beats.map(({ id: [hostId] }) => hostId));
  return hosts.map((host) => ({ host, beats: beating.has(host.id), drain: drains.get(host.id) }));
}

/** Every host as it last told of itself. One whose record cannot be read is left out, and told. */
export const listHostRecords = async (deps: ManyDeps): Promise<HostRecord[]> =>
  (await listReadable(deps, hostRecords, [])).map(({ value }) => value);

/** `undefined` when there is no such host. */
export async function readHost(kv: Kv, id: string): Promise<SeenHost | undefined> {
  const [found, beat, drain] = await Promise.all([hostRecords.get(kv, id), heartbeats.get(kv, id), readDrain(kv, id)]);
  return found && { host: found.value, beats: beat !== undefined, drain };
}

export function toApiHost(seen: SeenHost, now: Date): ApiHost {
  const { host } = seen;
  const reachable = isReachable(seen, now);
  const healthy = Object.values(host.components).every((c) => c.healthy);
  const versions = [...new Set(host.images.map((i) => i.postgresVersion))].map((version) => ({
    postgres_version: version,
    spock_version: SPOCK_INTERFACE,
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
    ...(seen.drain && { drain: toApiDrain(seen.drain) }),
  };
}

export const toApiDrain = ({ state, record: { since, taskId } }: Drain): NonNullable<ApiHost['drain']> => ({
  state,
  since: wireTime(since),
  task_id: taskId,
});

export async function listHosts(deps: ServerDeps): Promise<ApiHost[]> {
  return (await readHosts(deps)).map((seen) => toApiHost(seen, deps.now()));
}
