import { DomainError } from '@windlass/resources/errors';
import {
  applyDefaults,
  keptRotations,
  nodeSources,
  numberNodes,
  MAX_SPEC_BYTES,
  passwordVersionOf,
  presentNow,
  originSecretName,
  repositorySecretName,
  restoreConfigOf,
  sealOrigins,
  sealPasswords,
  sourceIssues,
  takenLogins,
  sealRepositories,
  unsealRepositories,
  unsupportedFields,
  validateUpdate,
  versionRules,
  type DatabaseSpec,
  type Invalid,
  type RepositorySecret,
  type RestoreConfig,
  type RestoreSource,
  type StoredSpec,
} from '@windlass/resources/postgres/spec';
import { formatIssues } from '@windlass/resources/api';
import type { Claim } from '@windlass/resources/store';
import { removalRecords, type HostRecord } from '@windlass/resources/platform/records';
import { drainedHosts } from '../cluster/drains.ts';
import { listHostRecords } from '../cluster/hosts.ts';
import type { ServerDeps } from '../core/deps.ts';
import { openJson, readSecret, sealedSecrets } from '../core/secrets.ts';
import type { StoredDatabase } from './read-database.ts';
import { checkRestores, refuseOverData } from './check-restores.ts';
import { newOnDrained } from './drained-hosts.ts';
import { refuseAfterHalves } from './check-sources.ts';
import { repositorySecret } from './repository-secret.ts';
import { knownCredentials, readSource } from './restore-source.ts';

export interface PreparedSpec {
  readonly stored: StoredSpec;
  /** For the transaction that stores it: what is kept sealed beside it. */
  readonly secrets: Claim;
}

/** A valid spec becomes what is stored: refused where it asks for what cannot be done, filled in, without passwords. */
export async function prepareSpec(
  deps: ServerDeps,
  id: string,
  spec: DatabaseSpec,
  before?: StoredSpec,
): Promise<PreparedSpec> {
  refuseUnsupported(spec);
  const [hosts, drained] = await Promise.all([placeableHosts(deps), drainedHosts(deps.kv)]);
  const filled = applyDefaults(
    spec,
    hosts.map((h) => ({ id: h.id, postgresVersions: h.images.map((i) => i.postgresVersion) })),
  );
  if ('issues' in filled) throw invalid(filled);
  const issues = [
    ...newOnDrained(filled.spec, before?.spec, drained),
    ...versionRules(filled.spec),
    ...sourceIssues(filled.spec, nodeSources(filled.spec, before)),
    ...takenLogins(
      filled.spec.database_users ?? [],
      keptRotations(filled.spec.database_users ?? [], before?.rotations),
    ),
  ];
  if (issues.length > 0) throw invalid({ issues });
  const prepared = await sealAll(deps, id, filled.spec, before);
  refuseLarge(prepared.stored);
  return prepared;
}

/** What is accepted has to fit into everything below that keeps it. */
function refuseLarge(stored: StoredSpec): void {
  const bytes = Buffer.byteLength(JSON.stringify(stored));
  if (bytes <= MAX_SPEC_BYTES) return;
  const most = String(MAX_SPEC_BYTES);
  throw new DomainError('too_large', `spec: has ${String(bytes)} bytes as JSON; ${most} are the most`);
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
  await refuseAfterHalves(deps, before, checked.spec);
  presentNow({ ...before.stored, spec: checked.spec }); // throws where nothing would be left
  await refuseOverData(deps, before, checked.spec);
  await checkRestores(deps, { spec: checked.spec, tenant_id: before.record.tenantId }, before.stored.spec);
  return prepareSpec(deps, id, checked.spec, before.stored);
}

/** Those that are not being removed. */
async function placeableHosts(deps: ServerDeps): Promise<HostRecord[]> {
  const [hosts, removals] = await Promise.all([
    listHostRecords(deps),
    deps.kv.list(removalRecords.under()), // that it is there says enough
  ]);
  const leaving = new Set(removals.map(({ key }) => removalRecords.idOf(key)[0]));
  return hosts.filter(({ id }) => !leaving.has(id));
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
  const secrets = await originSecrets(deps, id, spec);
  const begun = sealOrigins(spec, { databaseId: id, sourceOf: await sourcesOf(deps, spec), before, secrets });
  const repositories = sealRepositories(begun.spec, credentials);
  const { stored, verifiers } = sealPasswords(repositories.spec, known);
  const fresh = [...verifiers].filter(([username, verifier]) => known.get(username) !== verifier);
  const changed = [...repositories.secrets].filter(([key, { version }]) => credentials.get(key)?.version !== version);
  const texts = [
    ...fresh.map(([username, verifier]) => [verifierSecret(id, username), verifier] as const),
    ...changed.map(([key, secret]) => [repositorySecretName(id, key), JSON.stringify(secret)] as const),
    ...[...begun.secrets].map(([name, secret]) => [name, JSON.stringify(secret)] as const),
  ];
  const { facts } = repositories;
  const nodeNumbers = numberNodes(spec, before?.nodeNumbers);
  const sources = nodeSources(spec, before);
  const rotations = keptRotations(spec.database_users ?? [], before?.rotations, new Set(fresh.map(([name]) => name)));
  const remaking = before?.remaking?.filter((name) => spec.nodes.some((node) => node.name === name)) ?? [];
  return {
    stored: {
      ...stored,
      ...(Object.keys(facts).length > 0 && { repositorySecrets: facts }),
      ...(Object.keys(begun.origins).length > 0 && { restoreOrigins: begun.origins }),
      ...(nodeNumbers && { nodeNumbers }),
      ...(Object.keys(sources).length > 0 && { nodeSources: sources }),
      ...(remaking.length > 0 && { remaking }),
      ...(Object.keys(rotations).length > 0 && { rotations }),
    },
    secrets: await sealedSecrets(deps, texts),
  };
}

/** The credentials that are kept for the restores of the nodes. */
async function originSecrets(deps: ServerDeps, id: string, spec: DatabaseSpec): Promise<Map<string, RepositorySecret>> {
  const names = spec.nodes.map((node) => originSecretName(id, node.name));
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readSecret(deps, name);
      return text === undefined ? [] : [[name, openJson(name, text, repositorySecret)] as const];
    }),
  );
  return new Map(found.flat());
}

/** What is known of the databases that the nodes of a spec begin with. */
async function sourcesOf(deps: ServerDeps, spec: DatabaseSpec): Promise<(config: RestoreConfig) => RestoreSource> {
  const configs = spec.nodes.flatMap((node) => restoreConfigOf(spec, node.name) ?? []);
  const found = await Promise.all(configs.map(async (config) => [config, await readSource(deps, config)] as const));
  const sources = new Map<RestoreConfig, RestoreSource>(found);
  return (config) => sources.get(config) ?? { credentials: new Map(), changes: [] };
}

/** The stored verifiers of the users that had a password before, by user name. */
async function knownVerifiers(deps: ServerDeps, id: string, spec: DatabaseSpec, before: StoredSpec) {
  const names = (spec.database_users ?? []).map((user) => user.username);
  const withPassword = names.filter((username) => passwordVersionOf(before, username) !== undefined);
  const found = await Promise.all(
    withPassword.map(async (username) => {
      const verifier = await readSecret(deps, verifierSecret(id, username));
      return verifier === undefined ? [] : ([[username, verifier]] as const);
    }),
  );
  return new Map<string, string>(found.flat());
}

/** Where the verifier of a role is kept. */
export const verifierSecret = (id: string, username: string): string => `database/${id}/user/${username}`;
