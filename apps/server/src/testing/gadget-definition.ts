import { DomainError } from '@windlass/resources/errors';
import { ApiTask, Identifier, TaskResponse } from '@windlass/resources/api';
import { type ApiPlan } from '@windlass/resources/postgres/spec';
import { type KvWrite } from '@windlass/resources/store';
import { makeTask, taskRecords, type TaskRecord } from '@windlass/resources/tasks';
import { z } from 'zod';
import type { ServerDeps } from '../core/deps.ts';
import type { EntityDefinition } from '../entities/entity-definition.ts';
import { jsonBody } from '../core/wire-body.ts';
import { flag } from '../core/wire-query.ts';

const Spec = z.object({ size: z.int() });
const Gadget = z.object({ id: Identifier, size: z.int(), revision: z.string().optional() });
const Create = z.object({ id: Identifier, spec: Spec });
const Update = z.object({ spec: Spec });
type Gadget = z.output<typeof Gadget>;

interface Accepted {
  readonly task: TaskRecord;
  readonly gadget: Gadget;
}

interface GadgetTypes {
  readonly summary: Gadget;
  readonly view: Gadget;
  readonly create: z.output<typeof Create>;
  readonly update: z.output<typeof Update>;
  readonly accepted: Accepted;
}

const key = (id: string): string => `gadgets/${id}`;
/** A task is about a database or a host today; that the list of scopes is closed is not for routes to say. */
const SCOPE = 'host';

async function read({ kv }: ServerDeps, id: string): Promise<{ readonly gadget: Gadget; readonly revision: number }> {
  const found = await kv.get(key(id));
  if (!found) throw new DomainError('not_found', 'gadget not found');
  const { revision } = found;
  return { revision, gadget: { ...Gadget.parse(found.value), revision: String(revision) } };
}

function open(id: string, type: TaskRecord['type'], now: Date): { task: TaskRecord; write: KvWrite } {
  const task = makeTask({ scope: SCOPE, entityId: id, type, workflowId: `gadget/${id}` }, now);
  return { task, write: { put: taskRecords.key(SCOPE, id, task.taskId), value: task } };
}

const planOf = (sentence: string): ApiPlan => ({ steps: [], sentences: [sentence], text: sentence });
const queries = { list: {}, get: {}, update: { force: flag('Also when nothing differs') }, delete: {} };

/** A sort of entity that nobody needs, kept in one key: what a second sort has to bring, and nothing else. */
export const gadgetDefinition: EntityDefinition<GadgetTypes, typeof queries> = {
  noun: 'gadget',
  plural: 'gadgets',
  scope: SCOPE,
  queries,
  bodies: { create: jsonBody(Create), update: jsonBody(Update) },
  answers: {
    list: z.object({ gadgets: z.array(Gadget) }),
    view: Gadget,
    accepted: z.object({ task: ApiTask, gadget: Gadget }),
    deleted: TaskResponse,
  },
  errors: { create: ['operation_refused'], update: ['operation_refused'], delete: [], plan: [], resources: [] },
  list: async ({ kv }) => (await kv.list('gadgets/')).map(({ value }) => Gadget.parse(value)),
  read: async (deps, id) => (await read(deps, id)).gadget,
  viewer: () => Promise.resolve(({ gadget }) => gadget),
  acceptCreate: async ({ kv, now }, { id, spec }, also) => {
    const { task, write } = open(id, 'create', now());
    const gadget = { id, size: spec.size, revision: '0' };
    const claim = also({ task, gadget });
    const expect = [{ key: key(id), revision: 0 }, ...claim.expect];
    const revision = await kv.commit(expect, [{ put: key(id), value: gadget }, write, ...claim.writes]);
    if (revision === false) throw new DomainError('operation_refused', 'a gadget of this id exists');
    return { task, gadget: { ...gadget, revision: String(revision) } };
  },
  acceptUpdate: async (deps, { id, body, query, ifMatch }, also) => {
    const before = await read(deps, id);
    if (ifMatch !== undefined && ifMatch !== `"${String(before.revision)}"`) throw new DomainError('revision_conflict');
    if (before.gadget.size === body.spec.size && !query.force) throw new DomainError('operation_refused');
    const { task, write } = open(id, 'update', deps.now());
    const gadget = { ...before.gadget, size: body.spec.size };
    const claim = also({ task, gadget });
    const writes = [{ put: key(id), value: gadget }, write, ...claim.writes];
    const revision = await deps.kv.commit([{ key: key(id), revision: before.revision }, ...claim.expect], writes);
    if (revision === false) throw new DomainError('operation_refused');
    return { task, gadget: { ...gadget, revision: String(revision) } };
  },
  acceptDelete: async (deps, id) => {
    await read(deps, id);
    const { task, write } = open(id, 'delete', deps.now());
    await deps.kv.commit([], [{ remove: key(id) }, write]);
    return task;
  },
  planCreate: (_deps, { id }) => Promise.resolve(planOf(`make gadget ${id}`)),
  planUpdate: async (deps, id, { spec }) =>
    planOf(`change gadget ${id} from ${String((await read(deps, id)).gadget.size)} to ${String(spec.size)}`),
  resources: async (deps, id) => {
    const { gadget } = await read(deps, id);
    return [{ resource: `gadget.part::${id}`, spec: { size: gadget.size }, phase: 'ready', missing: false, drift: [] }];
  },
  cancel: async ({ kv }, id, taskId) => {
    const found = await kv.get(taskRecords.key(SCOPE, id, taskId));
    if (!found) throw new DomainError('not_found', 'no task found with the given ID');
    return { ...(found.value as TaskRecord), status: 'canceling' };
  },
  plan: (_deps, id) => Promise.resolve(planOf(`make gadget ${id}`)),
};
