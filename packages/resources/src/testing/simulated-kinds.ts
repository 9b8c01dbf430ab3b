import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import type { AnyResource } from '../engine/resource.ts';
import { kinds } from '../kinds/index.ts';

const NOTHING = {};

/** Every kind there is, carried out by nobody: what is asked for is there at once and stays as it is. */
export const simulatedKinds: readonly AnyResource<Clients>[] = kinds.map((kind: AnyResource<Clients>) => ({
  ...kind,
  status: z.unknown(),
  refresh: (prior) => Promise.resolve({ status: prior.status ?? NOTHING, drift: [] }),
  create: () => Promise.resolve(NOTHING),
  ...(kind.update && { update: () => Promise.resolve(NOTHING) }),
  delete: () => Promise.resolve(),
}));
