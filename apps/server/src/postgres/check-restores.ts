import { DomainError } from '@windlass/resources/errors';
import { formatIssues } from '@windlass/resources/api';
import {
  futureTarget,
  restoreConfigOf,
  sameRestore,
  type DatabaseSpec,
  type RestoreConfig,
} from '@windlass/resources/postgres/spec';
import { z } from 'zod';
import type { ServerDeps } from '../core/deps.ts';
import type { StoredDatabase } from './read-database.ts';
import { specsOfKind } from './resource-specs.ts';
import { refuseOtherTenant } from './restore-source.ts';

interface Declared {
  readonly spec: DatabaseSpec;
  readonly tenant_id?: string | undefined;
}

/** What only the server knows of the restores a spec declares anew: whose the source is, and what time it is. */
export async function checkRestores(
  deps: ServerDeps,
  { spec, tenant_id }: Declared,
  before?: DatabaseSpec,
): Promise<void> {
  for (const { path, config } of restoresOf(spec)) {
    if (before && restoresOf(before).some((old) => sameRestore(old.config, config))) continue;
    const issues = futureTarget(config, path, deps.now());
    if (issues.length > 0) throw new DomainError('invalid_input', formatIssues(issues));
    await refuseOtherTenant(deps, tenant_id, config);
  }
}

const restoresOf = (spec: DatabaseSpec): { path: PropertyKey[]; config: RestoreConfig }[] => [
  ...(spec.restore_config ? [{ path: ['restore_config'], config: spec.restore_config }] : []),
  ...spec.nodes.flatMap((node, i) =>
    node.restore_config ? [{ path: ['nodes', i, 'restore_config'], config: node.restore_config }] : [],
  ),
];

/** A spec says from which backup a node begins; one that has data has begun. */
export async function refuseOverData(deps: ServerDeps, before: StoredDatabase, next: DatabaseSpec): Promise<void> {
  const { id } = before.record;
  for (const { name } of next.nodes) {
    const config = restoreConfigOf(next, name);
    if (config === undefined || sameRestore(restoreConfigOf(before.stored.spec, name), config)) continue;
    if (!(await hasData(deps, id, name))) continue;
    const at = next.nodes.find((node) => node.name === name)?.restore_config
      ? `nodes[${String(indexOf(next, name))}].`
      : '';
    throw new DomainError(
      'invalid_input',
      `${at}restore_config: node '${name}' has data already; use POST /v1/databases/${id}/restore`,
    );
  }
}

const indexOf = (spec: DatabaseSpec, name: string): number => spec.nodes.findIndex((node) => node.name === name);

/** An instance of it did its part once. */
async function hasData(deps: ServerDeps, id: string, node: string): Promise<boolean> {
  const instances = await specsOfKind(deps, id, 'postgres.instance', instance);
  return instances.some(({ record, spec }) => spec.nodeName === node && record.status !== undefined);
}

const instance = z.looseObject({ nodeName: z.string() });
