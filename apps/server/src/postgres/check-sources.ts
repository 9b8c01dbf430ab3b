import { DomainError } from '@windlass/resources/errors';
import type { DatabaseSpec } from '@windlass/resources/postgres/spec';
import { z } from 'zod';
import type { ServerDeps } from '../core/deps.ts';
import type { StoredDatabase } from './read-database.ts';
import { specsOfKind } from './resource-specs.ts';

const streams = z.looseObject({ nodeName: z.string() });

/**
 * Nodes that come must find those that are there reading from one another: one whose adding was given up half-way is finished first, or removed.
 * Several that come at once are fine.
 */
export async function refuseAfterHalves(deps: ServerDeps, before: StoredDatabase, next: DatabaseSpec): Promise<void> {
  const { spec, nodeSources = {} } = before.stored;
  const at = next.nodes.findIndex(({ name }) => !spec.nodes.some((one) => one.name === name));
  const copies = next.nodes.filter(({ name }) => Object.hasOwn(nodeSources, name));
  if (at < 0 || copies.length === 0) return;
  const found = await specsOfKind(deps, before.record.id, 'replication.streams', streams);
  const joined = found.filter(({ record }) => record.status !== undefined).map((one) => one.spec.nodeName);
  const half = copies.find(({ name }) => !joined.includes(name));
  if (!half) return;
  const what = `node '${half.name}' was not added to its end: update without '${next.nodes[at]?.name ?? ''}' first, or leave '${half.name}' out`;
  throw new DomainError('operation_refused', `nodes[${String(at)}]: ${what}`);
}
