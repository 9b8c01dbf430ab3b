import { z } from 'zod';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import type { Scope } from '../engine/resource.ts';
import { DomainError } from '../errors/index.ts';
import { defineResource } from './define.ts';
import { readOwnRoles } from './own-roles.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { script } from './script.ts';
import {
  alterRole,
  attributesOf,
  BUILT_IN_ROLE,
  builtInRole,
  dropRole,
  type RoleRow,
  type WantedRole,
} from './role-statements.ts';
import { withPrimary } from './with-primary.ts';

const role = z.strictObject({
  name: z.string(),
  /** Names the verifier by its digest; absent: the role has no password. */
  passwordVersion: z.string().optional(),
  owner: z.boolean(),
  attributes: z.array(z.string()),
  memberOf: z.array(z.string()),
});

const spec = z.strictObject({
  nodeName: z.string(),
  /** Patroni's name for the node. */
  scope: z.string(),
  databaseName: z.string(),
  roles: z.array(role),
  /** Id of the script that runs before the roles exist. */
  afterScript: z.string().optional(),
});
type Spec = z.output<typeof spec>;

export const verifierSecret = (databaseId: string, username: string): string =>
  `database/${databaseId}/user/${username}`;

/** All declared roles of a node, and the control plane's own, in one transaction. What is taken out of the spec is taken away in Postgres. */
export const roles = defineResource({
  kind: 'postgres.roles',
  version: 2,
  spec,
  status: z.strictObject({ names: z.array(z.string()) }),
  immutable: ['nodeName'],
  id: (s) => s.nodeName,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => (s.afterScript === undefined ? [] : [{ ref: script.ref(s.afterScript) }]),
  within: (s) => patroniCluster.ref(s.scope),

  async refresh(prior, scope) {
    const wanted = await wantedRoles(prior.spec, scope);
    return withPrimary(scope.clients, prior.spec.scope, 'postgres', scope.signal, async (session) => {
      const found = await readRoles(session);
      const drift = wanted.flatMap((w) => driftOf(w, found.get(w.name)));
      const own = await readOwnRoles(session);
      return { status: { names: wanted.map((w) => w.name) }, drift: [...drift, ...own.drift] };
    });
  },
  create: (s, scope) => converge(s, [], scope),
  update: (s, prior, scope) => converge(s, prior.spec.roles, scope),
  delete: () => Promise.resolve(),
});

async function wantedRoles(s: Spec, { clients, owner }: Scope<Clients>): Promise<WantedRole[]> {
  return Promise.all(
    s.roles.map(async (r) => {
      const base = {
        name: r.name,
        attributes: attributesOf(r.attributes, r.passwordVersion !== undefined),
        memberOf: r.memberOf,
      };
      if (r.passwordVersion === undefined) return base;
      const verifier = await clients.secrets.get(verifierSecret(owner.entityId, r.name));
      if (verifier === undefined)
        throw new DomainError(
          'server_error',
          `the password of user '${r.name}' is not stored any more; declare it again`,
        );
      return { ...base, verifier };
    }),
  );
}

async function readRoles(session: PostgresSession): Promise<Map<string, RoleRow>> {
  const rows = await session.query<RoleRow>(
    `SELECT a.rolname, a.rolpassword, a.rolsuper, a.rolcreatedb, a.rolcreaterole, a.rolinherit, a.rolcanlogin, a.rolreplication, a.rolbypassrls,
            coalesce(pg_catalog.array_agg(g.rolname::pg_catalog.text) FILTER (WHERE g.rolname IS NOT NULL), '{}') AS member_of
       FROM pg_catalog.pg_authid a
       LEFT JOIN pg_catalog.pg_auth_members m ON m.member = a.oid
       LEFT JOIN pg_catalog.pg_authid g ON g.oid = m.roleid
      GROUP BY a.oid, a.rolname, a.rolpassword, a.rolsuper, a.rolcreatedb, a.rolcreaterole, a.rolinherit, a.rolcanlogin, a.rolreplication, a.rolbypassrls`,
  );
  return new Map(rows.map((row) => [row.rolname, row]));
}

function driftOf(wanted: WantedRole, found: RoleRow | undefined): string[] {
  if (!found) return [`roles.${wanted.name}`];
  const wrong = Object.entries(wanted.attributes).filter(([column, value]) => found[column as keyof RoleRow] !== value);
  return [
    ...(wanted.verifier === undefined || wanted.verifier === found.rolpassword
      ? []
      : [`roles.${wanted.name}.password`]),
    ...(wrong.length === 0 ? [] : [`roles.${wanted.name}.attributes`]),
    ...(wanted.memberOf.every((r) => found.member_of.includes(r)) ? [] : [`roles.${wanted.name}.roles`]),
  ];
}

async function converge(s: Spec, before: Spec['roles'], scope: Scope<Clients>): Promise<{ names: string[] }> {
  const wanted = await wantedRoles(s, scope);
  const kept = new Set(wanted.map((w) => w.name));
  const removed = before.map((r) => r.name).filter((name) => !kept.has(name));
  const owner = s.roles.find((r) => r.owner)?.name;
  await withPrimary(scope.clients, s.scope, 'postgres', scope.signal, async (session) => {
    const found = await readRoles(session);
    const quote = (name: string): string => session.identifier(name);
    const statements = [
      ...(await readOwnRoles(session)).statements,
      ...(wanted.some((w) => w.memberOf.includes(BUILT_IN_ROLE)) && !found.has(BUILT_IN_ROLE) ? builtInRole() : []),
      ...wanted.flatMap((w) => alterRole(w, found.get(w.name), lostMemberships(w, before), session)),
    ];
    if (statements.length > 0) await inOneTransaction(session, statements);
    const gone = removed.filter((name) => found.has(name));
    if (gone.length > 0) await dropRoles(session, scope, s, gone, owner ?? 'windlass', quote);
  });
  return { names: wanted.map((w) => w.name) };
}

/** Memberships that the spec named before and names no more; others were granted by somebody else and stay. */
function lostMemberships(wanted: WantedRole, before: Spec['roles']): string[] {
  const earlier = before.find((r) => r.name === wanted.name)?.memberOf ?? [];
  return earlier.filter((r) => !wanted.memberOf.includes(r));
}

/** One round trip; a verifier in it never reaches Postgres' log. */
async function inOneTransaction(session: PostgresSession, statements: readonly string[]): Promise<void> {
  const quiet = [
    "SET LOCAL log_statement = 'none'",
    "SET LOCAL log_min_error_statement = 'panic'",
    'SET LOCAL log_min_duration_statement = -1',
  ];
  await session.query(['BEGIN', ...quiet, ...statements, 'COMMIT'].join(';\n'));
}

/** What a removed user owned goes to the owner of the database; its grants go away. */
async function dropRoles(
  session: PostgresSession,
  scope: Scope<Clients>,
  s: Spec,
  names: readonly string[],
  heir: string,
  quote: (name: string) => string,
): Promise<void> {
  const databases = await session.query<{ datname: string }>(
    `SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate`,
  );
  for (const { datname } of databases) {
    await withPrimary(scope.clients, s.scope, datname, scope.signal, async (inner) => {
      await inOneTransaction(
        inner,
        names.flatMap((name) => [`REASSIGN OWNED BY ${quote(name)} TO ${quote(heir)}`, `DROP OWNED BY ${quote(name)}`]),
      );
    });
  }
  await inOneTransaction(
    session,
    names.map((name) => dropRole(name, quote)),
  );
}
