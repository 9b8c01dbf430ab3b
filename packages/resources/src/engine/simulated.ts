import { z } from 'zod';
import type { AnyResource } from './resource.ts';

const NOTHING = {};

/** A kind carried out by nobody: what is asked for is there at once, and stays as it is. For tests and measurements. */
export function simulated<C>(kind: AnyResource<C>): AnyResource<C> {
  return {
    ...kind,
    status: z.unknown(),
    refresh: (prior) => Promise.resolve({ status: (prior.status as unknown) ?? NOTHING, drift: [] }),
    create: () => Promise.resolve(NOTHING),
    ...(kind.update && { update: () => Promise.resolve(NOTHING) }),
    delete: () => Promise.resolve(),
  };
}
