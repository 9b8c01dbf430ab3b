import { DomainError } from '@windlass/resources/errors';
import { upgradeSpec } from '@windlass/resources/spec';
import { keys, type Kv, type ResourceRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { refuseBusy } from './busy.ts';
import { changeSpec, type Accepted, type Also } from './change-spec.ts';
import { hostsOf, readHosts } from './available-upgrades.ts';
import { readDatabase } from './read-database.ts';

export interface UpgradeRequest {
  readonly id: string;
  /** Name or id. */
  readonly image: string;
}

/** Accepts another image of the same major version, which every host of the database has. */
export async function acceptUpgrade(deps: ServerDeps, { id, image }: UpgradeRequest, also: Also): Promise<Accepted> {
  const before = await readDatabase(deps, id);
  refuseBusy(before.record);
  const { stored } = before;
  const [hosts, runs] = await Promise.all([readHosts(deps.kv), imagesOf(deps.kv, id)]);
  const upgrade = upgradeSpec(stored.spec, image, hostsOf(stored.spec, hosts), runs);
  if ('refused' in upgrade) throw new DomainError('invalid_input', `upgrade not available: ${upgrade.refused}`);
  const prepared = { stored: { ...stored, spec: upgrade.spec }, secrets: [] };
  return changeSpec(deps, before, prepared, { type: 'upgrade', input: { image } }, also);
}

/** Ids of the images its services were made with. */
async function imagesOf(kv: Kv, databaseId: string): Promise<string[]> {
  const rows = await kv.list(`${keys.resources(databaseId)}swarm.service::`);
  return rows.map((row) => ((row.value as ResourceRecord).spec as { imageId: string }).imageId);
}
