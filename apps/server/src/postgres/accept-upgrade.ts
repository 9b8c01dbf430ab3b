import { DomainError } from '@windlass/resources/errors';
import { upgradeSpec } from '@windlass/resources/postgres/spec';
import { z } from 'zod';
import { listHostRecords } from '../cluster/hosts.ts';
import type { ServerDeps } from '../core/deps.ts';
import { NOTHING } from '../entities/accept.ts';
import { refuseBusy } from './busy.ts';
import { changeSpec, type Accepted, type Also } from './change-spec.ts';
import { hostsOf } from './available-upgrades.ts';
import { readDatabase } from './read-database.ts';
import { specsOfKind } from './resource-specs.ts';

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
  const [hosts, runs] = await Promise.all([listHostRecords(deps), imagesOf(deps, id)]);
  const upgrade = upgradeSpec(stored.spec, image, hostsOf(stored.spec, hosts), runs);
  if ('refused' in upgrade) throw new DomainError('invalid_input', `upgrade not available: ${upgrade.refused}`);
  const prepared = { stored: { ...stored, spec: upgrade.spec }, secrets: NOTHING };
  return changeSpec(deps, before, prepared, { type: 'upgrade', input: { image } }, also);
}

/** Ids of the images its services were made with. */
async function imagesOf(deps: ServerDeps, databaseId: string): Promise<string[]> {
  return (await specsOfKind(deps, databaseId, 'swarm.service', service)).map(({ spec }) => spec.imageId);
}

const service = z.looseObject({ imageId: z.string() });
