import { z } from 'zod';

/** Every state an entity may be in, of whatever kind it is. */
export const ENTITY_STATES = [
  'creating',
  'modifying',
  'available',
  'deleting',
  'degraded',
  'failed',
  'restoring',
  'unknown',
] as const;

export type EntityState = (typeof ENTITY_STATES)[number];

/** What is known of every entity besides its spec; a kind may know more. */
export interface EntityRecord {
  readonly id: string;
  readonly tenantId?: string | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** State as of the last operation; health is added when it is read. */
  readonly state: EntityState;
  /** Its state before what is going on, which it has again when nothing was changed. */
  readonly stateBefore?: EntityState | undefined;
  /** The task that owns it now: the fencing token of every step. */
  readonly openTaskId?: string | undefined;
  /** Hosts that did not answer the last task: what is left to do there is done when they do. */
  readonly waitingFor?: readonly string[] | undefined;
}

export const entityRecord = z.looseObject({
  id: z.string(),
  tenantId: z.string().optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
  state: z.enum(ENTITY_STATES),
  stateBefore: z.enum(ENTITY_STATES).optional(),
  openTaskId: z.string().optional(),
  waitingFor: z.array(z.string()).optional(),
}) satisfies z.ZodType<EntityRecord>;
