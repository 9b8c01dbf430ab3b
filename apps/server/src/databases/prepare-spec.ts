import { DomainError } from '@windlass/resources/errors';
import {
  applyDefaults,
  formatIssues,
  passwordVersionOf,
  repositorySecretName,
  sealPasswords,
  sealRepositories,
  unsealRepositories,
  unsupportedFields,
  validateUpdate,
  type DatabaseSpec,
  type Invalid,
  type RepositorySecret,
  type StoredSpec,
} from '@windlass/resources/spec';
import { keys, type HostRecord, type RemovalRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import type { StoredDatabase } from './read-database.ts';

export interface PreparedSpec {
  readonly stored: StoredSpec;
  readonly secrets: readonly { readonly name: string; readonly sealed: unknown }[];
}

/** A valid spec becomes what is stored: refused where it asks for what cannot be done, filled in, without passwords. */
export async function prepareSpec(
  deps: ServerDeps,
  id: string,
  spec: DatabaseSpec,
  before?: StoredSpec,
): Promise<PreparedSpec> {
  refuseUnsupported(spec);
  const hosts = await placeableHosts(deps);
  const filled = applyDefaults(
    spec,
    hosts.map((h) => ({ id: h.id, postgresVersions: h.images.map((i) => i.postgresVersion) })),
  );
  if ('issues' in filled) throw invalid(filled);
  return sealAll(deps, id, filled.spec, before);
}

export async function prepareUpdate(
  deps: ServerDeps,
  id: string,
  before: StoredDatabase,
  request: { readonly spec: DatabaseSpec; readonly tenantId?: string | undefined },
): Promise<PreparedSpec> {
  const known = await knownCredentials(deps, id);
  const previous = unsealRepositories(before.stored.spec, known);
  const checked = validateUpdate(previous, request.spec, {
    databaseId: id,
    storedTenantId: before.record.tenantId,
    tenantId: request.tenantId,
  });
  if ('issues' in checked) throw invalid(checked);
  return prepareSpec(deps, id, checked.spec, before.stored);
}

/** Those that are not being removed. */
async function placeableHosts({ kv }: ServerDeps): Promise<HostRecord[]> {
  const [hosts, removals] = await Promise.all([kv.list('hosts/'), kv.list(keys.removal())]);
  const leaving = new Set(removals.map((row) => (row.value as RemovalRecord).hostId));
  return hosts.map((row) => row.value as HostRecord).filter(({ id }) => !leaving.has(id));
}

export function invalid({ issues }: Invalid): DomainError {
  return new DomainError('invalid_input', formatIssues(issues));
}

function refuseUnsupported(spec: DatabaseSpec): void {
  const found = unsupportedFields(spec);
  if (found.length === 0) return;
  throw new DomainError('operation_not_supported', found.map((f) => `${f.path}: ${f.why}`).join('\n'));
}

/**
 * Clear text ends here: each password becomes a verifier, the credentials of repositories are sealed. What fits what is
 * stored changes nothing.
 */
async function sealAll(deps: ServerDeps, id: string, spec: DatabaseSpec, before?: StoredSpec): Promise<PreparedSpec> {
  const known = before ? await knownVerifiers(deps, id, spec, before) : new Map<string, string>();
  const credentials = await knownCredentials(deps, id);
  const repositories = sealRepositories(spec, credentials);
  const { stored, verifiers } = sealPasswords(repositories.spec, known);
  const fresh = [...verifiers].filter(([username, verifier]) => known.get(username) !== verifier);
  const changed = [...repositories.secrets].filter(([key, { version }]) => credentials.get(key)?.version !== version);
  const texts = [
    ...fresh.map(([username, verifier]) => [secretName(id, username), verifier] as const),
    ...changed.map(([key, secret]) => [repositorySecretName(id, key), JSON.stringify(secret)] as const),
  ];
  const { facts } = repositories;
  return {
    stored: { ...stored, ...(Object.keys(facts).length > 0 && { repositorySecrets: facts }) },
    secrets: texts.map(([name, text]) => ({ name, sealed: deps.box.seal(name, text) })),
  };
}

/** The stored credentials of the repositories of a database, by `repositoryKey`; also those an earlier one of its id left with its backups. */
async function knownCredentials({ kv, box }: ServerDeps, id: string): Promise<Map<string, RepositorySecret>> {
  const prefix = repositorySecretName(id, '');
  const rows = await kv.list(keys.secret(prefix));
  const names = rows.map((row) => row.key.slice(keys.secret('').length));
  return new Map(
    names.map((name, i) => [name.slice(prefix.length), JSON.parse(box.open(name, rows[i]?.value)) as RepositorySecret]),
  );
}

/** The stored verifiers of the users that had a password before, by user name. */
async function knownVerifiers({ kv, box }: ServerDeps, id: string, spec: DatabaseSpec, before: StoredSpec) {
  const names = (spec.database_users ?? []).map((user) => user.username);
  const withPassword = names.filter((username) => passwordVersionOf(before, username) !== undefined);
  const found = await Promise.all(
    withPassword.map(async (username) => {
      const name = secretName(id, username);
      const sealed = await kv.get(keys.secret(name));
      return sealed ? ([[username, box.open(name, sealed.value)]] as const) : [];
    }),
  );
  return new Map<string, string>(found.flat());
}

const secretName = (id: string, username: string): string => `database/${id}/user/${username}`;
