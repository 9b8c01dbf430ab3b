import { carryOver } from './carry-over.ts';
import type { BackupConfig, DatabaseSpec } from './database.ts';
import { effectiveNode } from './effective.ts';
import { instanceId } from './identity.ts';
import type { Issue } from '../../api/issues.ts';
import { optionName } from './pgbackrest-options.ts';
import { repositoryIdentity } from './repository-identity.ts';
import { cipherType } from './repository-secrets.ts';
import type { Repository } from './rules-repository.ts';
import { unknownRoles } from './rules-roles.ts';
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

/** What was written with one passphrase cannot be read with another, nor without. */
function cipherRules(previous: DatabaseSpec, next: DatabaseSpec): Issue[] {
  const old = new Map(
    repositoriesOf(previous).map((one) => [`${one.level}:${repositoryIdentity(one.repository)}`, one]),
  );
  return repositoriesOf(next).flatMap(({ level, path, repository }) => {
    const before = old.get(`${level}:${repositoryIdentity(repository)}`)?.repository;
    if (before === undefined) return [];
    const options = [...path, 'custom_options'];
    if (cipherType(before) !== cipherType(repository))
      return [{ path: [...options, 'cipher-type'], message: ENCRYPTED }];
    const [was, is] = [cipherPass(before), cipherPass(repository)];
    return was !== undefined && was !== is ? [{ path: [...options, 'cipher-pass'], message: ENCRYPTED }] : [];
  });
}

const ENCRYPTED = 'cannot be changed: what is in the repository could not be read any more; use another id';

const cipherPass = (repository: Repository): string | undefined =>
  Object.entries(repository.custom_options ?? {}).find(([key]) => optionName(key) === 'cipher-pass')?.[1];

function repositoriesOf(spec: DatabaseSpec) {
  const of = (level: string, config: BackupConfig | undefined, path: readonly PropertyKey[]) =>
    (config?.repositories ?? []).map((repository, i) => ({
      level,
      repository,
      path: [...path, 'backup_config', 'repositories', i],
    }));
  return [
    ...of('_', spec.backup_config, []),
    ...spec.nodes.flatMap((node, i) => of(node.name, node.backup_config, ['nodes', i])),
  ];
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
    ...cipherRules(previous, spec),
    ...unknownRoles(spec, previous),
  ];
  return issues.length > 0 ? { issues } : { spec };
}
