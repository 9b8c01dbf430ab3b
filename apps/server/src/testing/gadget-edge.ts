import { ApiTask, Identifier, TaskResponse } from '@windlass/resources/api';
import { entityProposals, entityRecords, entitySpecs, type EntityRecord } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import { partOf } from '@windlass/resources/plan';
import { openTask, type OpenedTask, type OutboxEntry } from '@windlass/resources/tasks';
import { z } from 'zod';
import type { ServerDeps, WorkflowStart } from '../core/deps.ts';
import { cancelTask } from '../core/tasks/cancel-task.ts';
import type { EntityUpkeep } from '../core/tasks/entity-upkeep.ts';
import { jsonBody } from '../core/wire-body.ts';
import { flag } from '../core/wire-query.ts';
import { acceptDelete, readUnused } from '../entities/accept-delete.ts';
import { acceptChange, acceptNew, refuseOldRevision, type Accepted } from '../entities/accept-spec.ts';
import type { EntityEdge } from '../entities/entity-edge.ts';
import { planOf, resourceViews, taskPlan } from '../entities/looks.ts';
import { propose } from '../entities/propose.ts';
import { tenantId } from '../entities/own-tenant.ts';
import { listEntities, readEntity, type EntityStore } from '../entities/entity-store.ts';

const Spec = z.object({ size: z.int() });
const Gadget = z.object({ id: Identifier, size: z.int(), revision: z.string() });
const Create = z.object({ id: Identifier, tenant_id: Identifier.optional(), spec: Spec });
const Update = z.object({ tenant_id: Identifier.optional(), spec: Spec });
type Spec = z.output<typeof Spec>;
type Gadget = z.output<typeof Gadget>;

interface GadgetTypes {
  readonly summary: Gadget;
  readonly view: Gadget;
  readonly create: z.output<typeof Create>;
  readonly update: z.output<typeof Update>;
  readonly accepted: Accepted<EntityRecord, Spec>;
}

const KIND = 'gadget';
const store: EntityStore<EntityRecord, Spec> = {
  kind: KIND,
  records: entityRecords(KIND),
  specs: entitySpecs(KIND, Spec),
  refusals: { exists: 'operation_refused', busy: 'operation_refused' },
};

const show = ({ record: { id }, stored, revision }: Omit<GadgetTypes['accepted'], 'task'>): Gadget => ({
  ...{ id, ...stored },
  revision: String(revision),
});
const read = async (deps: Parameters<typeof readEntity>[0], id: string): Promise<Gadget> => {
  const found = await readEntity(deps, store, id);
  return show({ ...found, revision: found.specRevision });
};

const open = (id: string, type: 'create' | 'update' | 'delete', now: Date): OpenedTask =>
  openTask({ entity: { kind: KIND, id }, type, input: {} }, now);
const plan = async (deps: ServerDeps, id: string, spec: Spec) =>
  planOf(deps, { kind: KIND, id }, await propose(deps, entityProposals(Spec), spec));
const queries = { list: {}, get: {}, update: { force: flag('Also when nothing differs') }, delete: {} };

/** A sort of entity that nobody needs, and that may be changed at any time: what a second sort has to bring, and nothing else. */
export const gadgetEdge: EntityEdge<GadgetTypes, typeof queries> = {
  noun: 'gadget',
  plural: 'gadgets',
  scope: KIND,
  queries,
  bodies: { create: jsonBody(Create), update: jsonBody(Update) },
  answers: {
    list: z.object({ gadgets: z.array(Gadget) }),
    view: Gadget,
    accepted: z.object({ task: ApiTask, gadget: Gadget }),
    deleted: TaskResponse,
  },
  errors: {
    create: ['operation_refused'],
    update: ['operation_refused'],
    delete: ['operation_refused'],
    plan: [],
    resources: [],
  },
  tenants: { create: tenantId(), update: tenantId() },
  list: async (deps, _query, reach) =>
    Promise.all((await listEntities(deps, store, reach)).rows.map(({ id: [id] }) => read(deps, id))),
  read,
  viewer: () => Promise.resolve(show),
  acceptCreate: (deps, { id, tenant_id: tenant, spec }, also) => {
    const now = deps.now();
    const at = now.toISOString();
    const record = {
      id,
      ...(tenant !== undefined && { tenantId: tenant }),
      createdAt: at,
      updatedAt: at,
      state: 'creating',
    } as const;
    return acceptNew(deps, store, open(id, 'create', now), { stored: spec, writes: [], record }, also);
  },
  acceptUpdate: async (deps, { id, body: { spec }, query, ifMatch }, also) => {
    const before = await readEntity(deps, store, id);
    refuseOldRevision(before, ifMatch);
    if (before.stored.size === spec.size && !query.force) throw new DomainError('operation_refused');
    const record = { ...before.record, state: 'modifying' } as const;
    return acceptChange(
      deps,
      store,
      before,
      open(id, 'update', deps.now()),
      { stored: spec, writes: [], record },
      also,
    );
  },
  acceptDelete: async (deps, id) =>
    acceptDelete(deps, store, await readUnused(deps, store, id), open(id, 'delete', deps.now()), []),
  planCreate: (deps, { id, spec }) => plan(deps, id, spec),
  planUpdate: async (deps, id, { spec }) => plan(deps, (await read(deps, id)).id, spec),
  resources: async (deps, id) => resourceViews(deps, { kind: KIND, id: (await read(deps, id)).id }),
  cancel: (deps, id, taskId) => cancelTask(deps, { kind: KIND, id }, taskId),
  plan: (deps, id, taskId) => taskPlan(deps, { kind: KIND, id }, taskId),
};

/** As a workflow of gadgets would be told it; there is none, and only those that there are have a type. */
const run =
  (type: string) =>
  ({ entity, taskId }: OutboxEntry): Pick<WorkflowStart, 'type' | 'input'> =>
    ({ type, input: { entity, taskId } }) as never;

/** How its tasks are started, looked after and forgotten. */
export const gadgetUpkeep: EntityUpkeep = {
  kind: KIND,
  runs: { create: run('makeGadget'), update: run('changeGadget'), delete: run('breakGadget') },
  surroundings: async (kv, { entity }) => {
    const spec = await store.specs.get(kv, partOf(entity));
    return spec && { hostIds: [], revision: spec.revision };
  },
};
