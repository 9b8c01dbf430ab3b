import { DomainError } from '@windlass/resources/errors';
import { instanceStatuses, type InstanceStatus } from '@windlass/resources/postgres/records';
import type { ApiInstance } from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';
import type { AlsoTask } from '../entities/accept.ts';
import { isModifiable } from '../entities/busy.ts';
import { acceptOperation } from './accept-operation.ts';
import { readDatabase, type StoredDatabase } from './read-database.ts';
import { toApiInstance } from './view.ts';
import type { TaskRecord } from '@windlass/resources/tasks';

export interface InstanceRequest {
  readonly id: string;
  readonly instanceId: string;
}

/** Restarts Postgres of one instance, now or later; a time that has passed means now. */
export async function acceptRestart(
  deps: ServerDeps,
  request: InstanceRequest & { readonly scheduledAt?: Date | undefined },
  also: AlsoTask,
): Promise<TaskRecord> {
  const before = await readDatabase(deps, request.id).catch(asInstance);
  const { instance } = await readInstance(deps, before, request.instanceId);
  refuseState(instance, ['available'], 'restartable');
  const { scheduledAt, instanceId } = request;
  const due = scheduledAt && scheduledAt > deps.now() ? { scheduledAt: scheduledAt.toISOString() } : {};
  return acceptOperation(
    deps,
    before,
    { type: 'restart_instance', input: { instanceId, nodeName: instance.node_name, ...due } },
    also,
  );
}

type Switch = InstanceRequest & { readonly force: boolean };

/** Stops an instance until it is started again: neither an update nor a repair starts it. */
export const acceptStop = (deps: ServerDeps, request: Switch, also: AlsoTask): Promise<TaskRecord> =>
  acceptSwitch(deps, request, { type: 'stop_instance', from: ['available', 'degraded'], adjective: 'stoppable' }, also);

/** Starts an instance that was stopped, or of which nothing is heard. */
export const acceptStart = (deps: ServerDeps, request: Switch, also: AlsoTask): Promise<TaskRecord> =>
  acceptSwitch(deps, request, { type: 'start_instance', from: ['unknown', 'stopped'], adjective: 'startable' }, also);

interface SwitchRule {
  readonly type: 'stop_instance' | 'start_instance';
  readonly from: readonly ApiInstance['state'][];
  readonly adjective: string;
}

async function acceptSwitch(
  deps: ServerDeps,
  { id, instanceId, force }: Switch,
  { type, from, adjective }: SwitchRule,
  also: AlsoTask,
): Promise<TaskRecord> {
  const before = await readDatabase(deps, id);
  const { state } = before.record;
  if (state === 'deleting' || (!force && !isModifiable(before.record)))
    throw new DomainError('database_not_modifiable');
  const { instance, status } = await readInstance(deps, before, instanceId);
  refuseState(instance, from, adjective);
  const { nodeName, hostId } = status;
  return acceptOperation(deps, before, { type, input: { instanceId, nodeName, hostId }, force }, also);
}

async function readInstance(
  { kv, now }: ServerDeps,
  { record }: StoredDatabase,
  instanceId: string,
): Promise<{ instance: ApiInstance; status: InstanceStatus }> {
  const status = (await instanceStatuses.get(kv, record.id, instanceId))?.value;
  if (!status) return asInstance();
  return { instance: toApiInstance(status, record.state, now()), status };
}

function refuseState({ id, state }: ApiInstance, from: readonly string[], adjective: string): void {
  if (from.includes(state)) return;
  throw new DomainError('invalid_input', `instance ${id} is not ${adjective}, it is in ${state} state`);
}

/** A restart does not tell a missing database from a missing instance. */
function asInstance(err?: unknown): never {
  if (err === undefined || (err instanceof DomainError && err.code === 'not_found'))
    throw new DomainError('not_found', 'instance not found');
  throw err;
}
