import { DomainError } from '@windlass/resources/errors';
import { formatIssues } from '@windlass/resources/api';
import type { CompareRequest, SkipTransactionRequest } from '@windlass/resources/postgres/spec';
import type { TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import type { AlsoTask } from '../entities/accept.ts';
import { acceptOperation } from './accept-operation.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { readDatabase } from './read-database.ts';
import { namesOf, refuseOthers } from './refuse-others.ts';

/** Has a node leave out the transaction of a peer at which it is stopped; also while another task owns the database, which may wait for it. */
export async function acceptSkip(
  deps: ServerDeps,
  { id, nodeName, skip }: { readonly id: string; readonly nodeName: string; readonly skip: SkipTransactionRequest },
  also: AlsoTask,
): Promise<TaskRecord> {
  const before = await readDatabase(deps, id);
  refuseOthers(before, { node_name: nodeName, peer: skip.peer });
  if (skip.peer === nodeName)
    throw new DomainError('invalid_input', formatIssues([{ path: ['peer'], message: `must be another node than '${nodeName}'` }])); // prettier-ignore
  const turn = { entity: before.entity, node: nodeName, sort: 'skips' };
  const input = { nodeName, peer: skip.peer, lsn: skip.lsn.toUpperCase() };
  return acceptOperation(deps, before, { type: 'skip_transaction', input }, await oneAtATime(deps, turn, also));
}

/** Compares all nodes; one comparison of a database at a time. */
export async function acceptCompare(
  deps: ServerDeps,
  { id, compare }: { readonly id: string; readonly compare: CompareRequest },
  also: AlsoTask,
): Promise<TaskRecord> {
  const before = await readDatabase(deps, id);
  refuseOthers(before, { repair_from: compare.repair_from });
  const nodeName = compare.repair_from ?? namesOf(before).sort()[0] ?? '';
  const input = {
    nodeName,
    ...(compare.tables && { tables: compare.tables }),
    ...(compare.repair_from !== undefined && { repairFrom: compare.repair_from }),
  };
  const turn = { entity: before.entity, node: 'all', sort: 'comparisons' };
  return acceptOperation(deps, before, { type: 'compare_nodes', input }, await oneAtATime(deps, turn, also));
}
