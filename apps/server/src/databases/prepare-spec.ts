import { DomainError } from '@windlass/resources/errors';
import {
  applyDefaults,
  formatIssues,
  passwordVersionOf,
  sealPasswords,
  unsupportedFields,
  validateUpdate,
  type DatabaseSpec,
  type Invalid,
  type StoredSpec,
} from '@windlass/resources/spec';
import { keys, type HostRecord } from '@windlass/resources/store';
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
  const hosts = (await deps.kv.list('hosts/')).map((row) => row.value as HostRecord);
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
  const checked = validateUpdate(before.stored.spec, request.spec, {
    databaseId: id,
    storedTenantId: before.record.tenantId,
    tenantId: request.tenantId,
  });
  if ('issues' in checked) throw invalid(checked);
  return prepareSpec(deps, id, checked.spec, before.stored);
}

export function invalid({ issues }: Invalid): DomainError {
  return new DomainError('invalid_input', formatIssues(issues));
}

function refuseUnsupported(spec: DatabaseSpec): void {
  const found = unsupportedFields(spec);
  if (found.length === 0) return;
  throw new DomainError('operation_not_supported', found.map((f) => `${f.path}: ${f.why}`).join('\n'));
}

/** Clear text ends here: each password becomes a verifier. One that fits the stored verifier changes nothing. */
async function sealAll(deps: ServerDeps, id: string, spec: DatabaseSpec, before?: StoredSpec): Promise<PreparedSpec> {
  const known = before ? await knownVerifiers(deps, id, spec, before) : new Map<string, string>();
  const { stored, verifiers } = sealPasswords(spec, known);
  const fresh = [...verifiers].filter(([username, verifier]) => known.get(username) !== verifier);
  const secrets = fresh.map(([username, verifier]) => {
    const name = secretName(id, username);
    return { name, sealed: deps.box.seal(name, verifier) };
  });
  return { stored, secrets };
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
