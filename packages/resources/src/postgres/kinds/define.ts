import type { Clients } from '../clients/ports.ts';
import { resourceFactory, type Owner } from '../../engine/resource.ts';
import { refKey } from '../../engine/resource.ts';
import { DomainError } from '../../errors/index.ts';

/** `defineResource` for our clients. */
export const defineResource = resourceFactory<Clients>();

/** Labels on everything we create; what lacks them is not ours. */
export function ownerLabels(owner: Owner): Record<string, string> {
  return {
    'windlass.managed': 'true',
    'windlass.resource': refKey(owner.ref),
    'windlass.database': owner.entity.id,
    ...(owner.tenantId !== undefined && { 'pgedge.tenant.id': owner.tenantId }),
  };
}

/**
 * What `make` makes. Where that fails and the thing is there, another attempt of the step, which was given up and goes on all the
 * same, has just made it: then what `find` finds.
 */
export async function madeOnce<T>(make: () => Promise<T>, find: () => Promise<T | undefined>): Promise<T> {
  try {
    return await make();
  } catch (err) {
    const found = await find();
    if (found === undefined) throw err;
    return found;
  }
}

export function assertOwned(labels: Readonly<Record<string, string>>, owner: Owner, what: string): void {
  if (labels['windlass.resource'] === refKey(owner.ref) && labels['windlass.database'] === owner.entity.id) return;
  throw new DomainError(
    'resource_not_owned',
    `${what} exists and does not belong to '${refKey(owner.ref)}' of database '${owner.entity.id}'`,
  );
}
