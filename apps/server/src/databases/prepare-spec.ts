import { DomainError } from '@windlass/resources/errors';
import {
  applyDefaults,
  formatIssues,
  makeScramVerifier,
  matchesScramVerifier,
  passwordVersion,
  removePasswords,
  unsupportedFields,
  validateUpdate,
  type DatabaseSpec,
  type Invalid,
  type StoredSpec,
} from '@windlass/resources/spec';
import { keys, type HostRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import type { StoredDatabase } from './accept.ts';

export interface PreparedSpec {
  readonly stored: StoredSpec;
  readonly secrets: readonly { readonly name: string; readonly sealed: unknown }[];
}

/** A valid spec becomes what is stored: refused where it asks for what cannot be done, filled in, without passwords. */
export async function prepareSpec(deps: ServerDeps, id: string, spec: DatabaseSpec, before?: StoredSpec): Promise<PreparedSpec> {
  refuseUnsupported(spec);
  const hosts = (await deps.kv.list('hosts/')).map((row) => row.value as HostRecord);
  const filled = applyDefaults(spec, hosts.map((h) => ({ id: h.id, postgresVersions: h.images.map((i) => i.postgresVersion) })));
  if ('issues' in filled) throw invalid(filled);
  return sealPasswords(deps, id, filled.spec, before);
}

export async function prepareUpdate(
  deps: ServerDeps,
  id: string,
  before: StoredDatabase,
  request: { readonly spec: DatabaseSpec; readonly tenantId?: string | undefined },
): Promise<PreparedSpec> {
  const checked = validateUpdate(before.stored.spec, request.spec, { databaseId: id, storedTenantId: before.record.tenantId, tenantId: request.tenantId });
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
async function sealPasswords(deps: ServerDeps, id: string, spec: DatabaseSpec, before?: StoredSpec): Promise<PreparedSpec> {
  const passwordVersions: Record<string, string> = {};
  const secrets: { name: string; sealed: unknown }[] = [];
  for (const { username, password } of spec.database_users ?? []) {
    const kept = before?.passwordVersions[username];
    if (password === undefined) {
      if (kept !== undefined) passwordVersions[username] = kept;
      continue;
    }
    const name = `database/${id}/user/${username}`;
    if (kept !== undefined && (await fits(deps, name, password))) {
      passwordVersions[username] = kept;
      continue;
    }
    const verifier = makeScramVerifier(password);
    passwordVersions[username] = passwordVersion(verifier);
    secrets.push({ name, sealed: deps.box.seal(name, verifier) });
  }
  return { stored: { spec: removePasswords(spec), passwordVersions }, secrets };
}

async function fits({ kv, box }: ServerDeps, name: string, password: string): Promise<boolean> {
  const sealed = await kv.get(keys.secret(name));
  return sealed !== undefined && matchesScramVerifier(password, box.open(name, sealed.value));
}
