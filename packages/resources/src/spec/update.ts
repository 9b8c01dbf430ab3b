import { carryOver } from './carry-over.ts';
import type { DatabaseSpec } from './database.ts';
import { effectiveNode } from './effective.ts';
import { instanceId } from './identity.ts';
import type { Issue } from './issues.ts';
import type { Invalid } from './validate.ts';

/** The ids an update is about; the tenant as stored and as the request gives it. */
export interface UpdateIds {
  readonly databaseId: string;
  readonly storedTenantId?: string | undefined;
  readonly tenantId?: string | undefined;
}

const PREFIX = 'invalid database update: ';
const change = (text: string): Issue => ({ path: [], message: `${PREFIX}${text}` });

function sourceRules(previous: DatabaseSpec, next: DatabaseSpec): Issue[] {
  const old = new Set(previous.nodes.map((node) => node.name));
  return next.nodes.flatMap((node, i) => {
    const fine = node.source_node === undefined || old.has(node.name) || old.has(node.source_node);
    return fine ? [] : [{ path: ['nodes', i, 'source_node'], message: 'source node must refer to an existing node' }];
  });
}

function majors(spec: DatabaseSpec, databaseId: string): Map<string, string | undefined> {
  const entries = spec.nodes.flatMap((node) => {
    const major = effectiveNode(spec, node.name).postgresVersion?.split('.')[0];
    return node.host_ids.map((host) => [instanceId(databaseId, node.name, host), major] as const);
  });
  return new Map(entries);
}

function majorRules(previous: DatabaseSpec, next: DatabaseSpec, databaseId: string): Issue[] {
  const before = majors(previous, databaseId);
  return [...majors(next, databaseId)].flatMap(([id, to]) => {
    const from = before.get(id);
    if (from === undefined || to === undefined || from === to) return [];
    return [change(`invalid change for instance ${id}: major version changed from ${from} to ${to}`)];
  });
}

/**
 * What an update may not do, and the new spec with the values it left out: versions, secrets of repositories.
 * Passwords are not in stored specs; a user without one keeps its verifier. Both specs must be valid.
 */
export function validateUpdate(
  previous: DatabaseSpec,
  next: DatabaseSpec,
  ids: UpdateIds,
): { readonly spec: DatabaseSpec } | Invalid {
  const sources = sourceRules(previous, next);
  if (sources.length > 0) return { issues: sources };
  const spec = carryOver(previous, next);
  const issues = [
    ...((ids.tenantId ?? '') === (ids.storedTenantId ?? '') ? [] : [change('tenant ID cannot be changed')]),
    ...(previous.database_name === spec.database_name ? [] : [change('database name cannot be changed')]),
    ...majorRules(previous, spec, ids.databaseId),
  ];
  return issues.length > 0 ? { issues } : { spec };
}
