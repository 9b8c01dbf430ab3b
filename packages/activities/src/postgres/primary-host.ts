import { type EntityRef } from '@windlass/resources/engine';
import { DomainError } from '@windlass/resources/errors';
import { scopeOf } from '@windlass/resources/postgres/inside';
import { instance } from '@windlass/resources/postgres/kinds';
import { instanceStatuses } from '@windlass/resources/postgres/records';
import type { WorkDeps } from '../core/entity-work.ts';
import { resourceOf } from './stored-specs.ts';

/** Where Patroni's leader is; while there is none, where an instance of the node is: the step there says so. */
export async function primaryHost({ kv, clients }: WorkDeps, { id }: EntityRef, node: string): Promise<string> {
  const leader = await clients.dcs.leader(scopeOf(id, node));
  const record = leader === undefined ? undefined : await resourceOf(kv, id, { kind: instance.kind, id: leader });
  if (record?.executor.on === 'host') return record.executor.hostId;
  const statuses = await instanceStatuses.list(kv, [id]);
  const found = statuses.map((row) => row.value).find((s) => s.nodeName === node);
  if (!found) throw new DomainError('no_primary', `node '${node}' has no primary, and no instance of it is known`);
  return found.hostId;
}
