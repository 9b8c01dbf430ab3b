import { z } from 'zod';
import { Collection } from '../store/collection.ts';
import type { EntityPart } from './entity-ref.ts';
import { desired } from './record-shapes.ts';
import type { Desired } from './resource.ts';

/** Of a plan that was stored whole, as all were before they were stored in parts: what its steps apply. */
export const wholePlans = new Collection<
  { readonly desired?: readonly Desired[] | undefined },
  [entity: EntityPart, taskId: string]
>('plans', z.looseObject({ desired: z.array(desired).optional() }));
