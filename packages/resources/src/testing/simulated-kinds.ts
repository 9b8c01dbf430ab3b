import type { Clients } from '../postgres/clients/ports.ts';
import type { AnyResource } from '../engine/resource.ts';
import { simulated } from '../engine/simulated.ts';
import { kinds } from '../postgres/kinds/index.ts';

/** Every kind there is, carried out by nobody. */
export const simulatedKinds: readonly AnyResource<Clients>[] = kinds.map((kind: AnyResource<Clients>) =>
  simulated(kind),
);
