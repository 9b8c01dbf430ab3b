import type { ApiHostDrain } from '@windlass/resources/platform/api';
import { instanceId, type ApiInstance, type DatabaseSpec } from '@windlass/resources/postgres/spec';
import { drainedHosts } from '../cluster/drains.ts';
import type { ServerDeps } from '../core/deps.ts';
import { ableElsewhere, successorOf } from '../postgres/successor.ts';
import { readAllInstances, toApiInstance } from '../postgres/view.ts';
import { databasesOn, type DatabaseOnHost } from './databases-on.ts';

type Move = ApiHostDrain['moves'][number];
type Stay = ApiHostDrain['stays'][number];

/** A primary that hands over, with its database as it was found. */
export interface PlannedMove {
  readonly move: Move;
  readonly database: DatabaseOnHost;
}

export interface DrainPlan {
  readonly moves: readonly PlannedMove[];
  readonly stays: readonly Stay[];
}

/** What a drain of a host would do now: the primaries that hand over, and what stays, because its database names the host. */
export async function planDrain(deps: ServerDeps, hostId: string): Promise<DrainPlan> {
  const [databases, all, drained] = await Promise.all([
    databasesOn(deps.kv, hostId),
    readAllInstances(deps),
    drainedHosts(deps.kv),
  ]);
  const keptFree = new Set([...drained, hostId]);
  const plans = databases.map((database) => {
    const { id, state } = database.record;
    const instances = all.of(id).map((status) => toApiInstance(status, state, deps.now()));
    return planOf(database, instances, hostId, keptFree);
  });
  return { moves: plans.flatMap(({ moves }) => moves), stays: plans.flatMap(({ stays }) => stays) };
}

function planOf(
  database: DatabaseOnHost,
  instances: readonly ApiInstance[],
  hostId: string,
  keptFree: ReadonlySet<string>,
): DrainPlan {
  const { record, stored } = database;
  const moves: PlannedMove[] = [];
  const stays: Stay[] = [];
  for (const [at, node] of stored.spec.nodes.entries()) {
    if (!node.host_ids.includes(hostId)) continue;
    const ours = instances.filter(({ node_name }) => node_name === node.name);
    const about = {
      database_id: record.id,
      node_name: node.name,
      instance_id: instanceId(record.id, node.name, hostId),
    };
    const here = ours.find(({ id }) => id === about.instance_id);
    const leads = here?.state === 'available' && here.postgres?.role === 'primary';
    const successor = leads && record.state !== 'deleting' ? successorTo(ours, keptFree) : undefined;
    if (successor) moves.push({ move: { ...about, ...successor }, database });
    else stays.push({ ...about, role: roleOf(here), reason: reasonOf(record.state, here, node, at) });
  }
  return { moves, stays };
}

/** Whoever is named is waited for where it has just begun to follow: the only one there is, too. */
function successorTo(instances: readonly ApiInstance[], keptFree: ReadonlySet<string>): Pick<Move, 'to'> | undefined {
  const successor = successorOf(instances, keptFree);
  if (!successor) return undefined;
  const [only, ...others] = ableElsewhere(instances, keptFree);
  const to = successor.candidate ?? (others.length === 0 ? only?.id : undefined);
  return to === undefined ? {} : { to };
}

function roleOf(here: ApiInstance | undefined): Stay['role'] {
  const role = here?.postgres?.role;
  return role === 'primary' || role === 'replica' ? role : 'unknown';
}

/** Why it stays, and what to do about it. */
function reasonOf(
  state: DatabaseOnHost['record']['state'],
  here: ApiInstance | undefined,
  { name, host_ids }: DatabaseSpec['nodes'][number],
  at: number,
): string {
  const field = `nodes[${String(at)}].host_ids`;
  const role = roleOf(here);
  if (state === 'deleting') return 'its database is being deleted: wait for that';
  if (host_ids.length === 1)
    return `it is the only instance of node ${name}, which is away while the host is: add a host to ${field} and drain again, or put up with that`;
  if (role === 'replica') return `a replica, without which node ${name} goes on: to have it elsewhere, change ${field}`;
  if (role === 'primary')
    return here?.state === 'available'
      ? `no replica of node ${name} on another host could take over now: see to them and drain again`
      : `it is the primary of node ${name} and is ${here?.state ?? 'unknown'}: see to it and drain again`;
  return `it is ${here?.state ?? 'not there yet'}: should it become the primary of node ${name}, drain again`;
}
