import { databaseEntity } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import type { ApiInstance } from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';
import type { AlsoTask } from '../entities/accept.ts';
import { isModifiable } from '../entities/busy.ts';
import { drainedHosts } from '../cluster/drains.ts';
import { oneAtATime, type Turn } from './one-at-a-time.ts';
import { acceptOperation } from './accept-operation.ts';
import { readDatabase, type StoredDatabase } from './read-database.ts';
import { FIT, isFit, successorOf } from './successor.ts';
import { readInstances, toApiInstance } from './view.ts';
import type { TaskRecord } from '@windlass/resources/tasks';

interface TakeoverRequest {
  readonly id: string;
  readonly nodeName: string;
  readonly candidate?: string | undefined;
}
export interface SwitchoverRequest extends TakeoverRequest {
  readonly scheduledAt?: Date | undefined;
}
export interface FailoverRequest extends TakeoverRequest {
  readonly skipValidation: boolean;
}

/** States of a replica that is named: of a failover nobody can ask that it still receives. */
const FIT_BY_NAME = { switchover: ['available'], failover: FIT };

/** Hands the node over to a replica, now or later; refused when there is nobody to hand over or to hand over to. */
export async function acceptSwitchover(
  deps: ServerDeps,
  request: SwitchoverRequest,
  also: AlsoTask,
): Promise<TaskRecord> {
  const { scheduledAt, ...facts } = request;
  const { before, instances } = await read(deps, request.id);
  const ours = instances.filter((i) => i.node_name === request.nodeName);
  if (inSpec(before, request.nodeName) && !ours.some((i) => i.state === 'available' && i.postgres?.role === 'primary'))
    throw new DomainError('not_found', 'no primary instance found for the given node');
  checkTakeover('switchover', before, instances, facts);
  if (scheduledAt && scheduledAt <= deps.now())
    throw new DomainError('invalid_input', 'scheduled_at must be in the future');
  const due = scheduledAt && { scheduledAt: scheduledAt.toISOString() };
  const candidate = awayFrom(await drainedHosts(deps.kv), ours, facts);
  const once = await oneAtATime(deps, turnOf('switchover', request), also);
  return acceptOperation(
    deps,
    before,
    { type: 'switchover', input: { ...aboutOf({ ...facts, candidate }), ...due } },
    once,
  );
}

/** Nobody is made the primary on a host that is to be kept free: whoever else has most is, when nobody is named. */
function awayFrom(
  keptFree: ReadonlySet<string>,
  ours: readonly ApiInstance[],
  { nodeName, candidate }: TakeoverRequest,
): string | undefined {
  const on = ours.find(({ id }) => id === candidate)?.host_id;
  if (on !== undefined && keptFree.has(on))
    throw new DomainError('invalid_input', `candidate_instance_id: host '${on}' is drained; resume it first`);
  if (candidate !== undefined) return candidate;
  const successor = successorOf(ours, keptFree);
  if (!successor)
    throw new DomainError(
      'invalid_input',
      `node ${nodeName} has replicas only on hosts that are drained; resume one first`,
    );
  return successor.candidate;
}

/** Has a replica take over although the primary does not hand over: it may be dead, so nothing is asked of it here. */
export async function acceptFailover(deps: ServerDeps, request: FailoverRequest, also: AlsoTask): Promise<TaskRecord> {
  const { before, instances } = await read(deps, request.id);
  checkTakeover('failover', before, instances, request);
  const { skipValidation } = request;
  const once = await oneAtATime(deps, turnOf('failover', request), also);
  const input = { ...aboutOf(request), skipValidation };
  return acceptOperation(deps, before, { type: 'failover', input }, once);
}

/** Of each kind one at a time for a node. */
export const turnOf = (
  type: keyof typeof FIT_BY_NAME,
  { id, nodeName }: Pick<TakeoverRequest, 'id' | 'nodeName'>,
): Turn => ({
  entity: databaseEntity(id),
  node: nodeName,
  sort: type,
});

const aboutOf = ({ nodeName, candidate }: TakeoverRequest) => ({
  nodeName,
  ...(candidate !== undefined && { candidate }),
});

async function read(deps: ServerDeps, id: string): Promise<{ before: StoredDatabase; instances: ApiInstance[] }> {
  const before = await readDatabase(deps, id);
  const statuses = await readInstances(deps.kv, id);
  return { before, instances: statuses.map((s) => toApiInstance(s, before.record.state, deps.now())) };
}

const nodeOf = ({ stored }: StoredDatabase, name: string) => stored.spec.nodes.find((node) => node.name === name);
const inSpec = (before: StoredDatabase, name: string): boolean => nodeOf(before, name) !== undefined;

function checkTakeover(
  type: keyof typeof FIT_BY_NAME,
  before: StoredDatabase,
  instances: readonly ApiInstance[],
  { nodeName, candidate }: TakeoverRequest,
): void {
  if (!isModifiable(before.record)) throw new DomainError('database_not_modifiable');
  const node = nodeOf(before, nodeName);
  if (!node) throw new DomainError('invalid_input', `node not in db spec: ${nodeName}`);
  if (candidate !== undefined) checkCandidate(FIT_BY_NAME[type], instances, nodeName, candidate);
  else if (
    !mayTakeOver(
      type,
      instances.filter((i) => i.node_name === nodeName),
    )
  )
    throw new DomainError('invalid_input', `node ${nodeName} has no replica that could take over`);
}

/** Members of which one has not heard for a while, or that are starting: a failover itself finds out whether they could take over. */
const OPEN: readonly string[] = ['unknown', 'modifying'];

/** A failover is asked for when hosts are ill: it is refused only where there is certainly nobody. */
const mayTakeOver = (type: keyof typeof FIT_BY_NAME, ours: readonly ApiInstance[]): boolean =>
  ours.some(isFit) || (type === 'failover' && ours.length > 1 && ours.some(({ state }) => OPEN.includes(state)));

function checkCandidate(
  states: readonly string[],
  instances: readonly ApiInstance[],
  nodeName: string,
  id: string,
): void {
  const found = instances.find((i) => i.id === id);
  if (!found) throw new DomainError('not_found', 'instance not found');
  if (found.node_name !== nodeName)
    throw new DomainError('invalid_input', `candidate instance ${id} does not belong to node ${nodeName}`);
  if (!states.includes(found.state))
    throw new DomainError('invalid_input', `candidate instance ${id} is not available (state=${found.state})`);
  if (found.postgres?.role === 'primary')
    throw new DomainError('invalid_input', `candidate instance ${id} is the primary of node ${nodeName} already`);
}
