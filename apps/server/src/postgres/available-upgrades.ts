import {
  availableUpgrades,
  SPOCK_INTERFACE,
  type ApiDatabase,
  type StoredSpec,
} from '@windlass/resources/postgres/spec';
import type { HostRecord } from '@windlass/resources/platform/records';

/** The hosts a database is on. */
export function hostsOf(spec: StoredSpec['spec'], hosts: readonly HostRecord[]): HostRecord[] {
  const used = new Set(spec.nodes.flatMap((node) => node.host_ids));
  return hosts.filter((host) => used.has(host.id));
}

/** Whether the client asks for the upgrades with `include`; other names mean nothing. */
export const asksForUpgrades = (include: string | string[] | undefined): boolean =>
  [include].flat().includes('available_upgrades');

/** What `include=available_upgrades` adds to a database: nothing where there is none. */
export function upgradesOf(
  { spec }: StoredSpec,
  hosts: readonly HostRecord[],
): Pick<ApiDatabase, 'available_upgrades'> {
  const found = availableUpgrades(spec, hostsOf(spec, hosts)).map(({ version, image }) => ({
    postgres_version: version,
    spock_version: SPOCK_INTERFACE,
    image,
  }));
  return found.length > 0 ? { available_upgrades: found } : {};
}
