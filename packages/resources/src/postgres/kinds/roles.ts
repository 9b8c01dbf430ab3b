import { z } from 'zod';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { DomainError } from '../../errors/index.ts';
import { byScope } from './by-scope.ts';
import { defineResource } from './define.ts';
import { logsInLater, OPEN, whileClosed } from '../inside/open-node.ts';
import { readOwnRoles } from '../inside/own-roles.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { script } from './script.ts';
import { boundedTransaction, inOneTransaction, type Patience } from '../inside/lock-holders.ts';
import { removeRoles } from '../inside/remove-roles.ts';
import {
  actAs,
  alterRole,
  attributesOf,
  BUILT_IN_ROLE,
  builtInRole,
  doesActAs,
  grantRoles,
  hasValidity,
  takeFromRole,
  VALIDITY,
  type RoleRow,
  type WantedRole,
} from '../inside/role-statements.ts';
import { SYSTEM_SUPERUSER } from '../inside/system-names.ts';
import { endSessions, withdrawAccess } from '../inside/withdraw-access.ts';
import { withPrimary } from '../inside/with-primary.ts';

const role = z.strictObject({
  name: z.string(),
  /** Names the verifier by its digest; absent: the role has no password. */
  passwordVersion: z.string().optional(),
  owner: z.boolean(),
  attributes: z.array(z.string()),
  memberOf: z.array(z.string()),
  /** Until when its password is good: ISO 8601 to the second, or `infinity`; absent: nobody said. */
  validUntil: z.string().optional(),
  /** The role that its sessions are from their first statement on. */
  actsAs: z.string().optional(),
});

const spec = z.strictObject({
  nodeName: z.string(),
  /** Patroni's name for the node. */
  scope: z.string(),
  databaseName: z.string(),
  roles: z.array(role),
  /** The node has peers: their replicators, and its own, log in. */
  replicates: z.literal(true).optional(),
  /** The node is new, and one of several: until its database is marked as open nobody declared logs in. */
  opensLater: z.literal(true).optional(),
  /** Id of the script that runs before the roles exist. */
  afterScript: z.string().optional(),
});
type Spec = z.output<typeof spec>;

export const verifierSecret = (databaseId: string, username: string): string =>
  `database/${databaseId}/user/${username}`;

/**
 * All declared roles of a node, and the control plane's own, in one transaction: the list has no order. Who is taken out of the
 * spec loses every access before anything else is done; what belonged to them is handed on afterwards.
 */
export const roles = defineResource({
  kind: 'postgres.roles',
  version: 2,
  migrations: [byScope],
  spec,
  status: z.strictObject({ names: z.array(z.string()) }),
  immutable: ['nodeName'],
  id: (s) => s.nodeName,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => (s.afterScript === undefined ? [] : [{ ref: script.ref(s.afterScript) }]),
  within: (s) => patroniCluster.ref(s.scope),

  async refresh(prior, context) {
    const declared = await wantedRoles(prior.spec, context);
    return withPrimary(context.clients, prior.spec.scope, 'postgres', context.signal, async (session) => {
      const found = await readRoles(session);
      const wanted = (await isClosed(prior.spec, session)) ? declared.map(whileClosed) : declared;
      const drift = wanted.flatMap((w) => driftOf(w, found.get(w.name)));
      const own = await readOwnRoles(session, prior.spec.replicates);
      return { status: { names: wanted.map((w) => w.name) }, drift: [...drift, ...own.drift] };
    });
  },
  create: (s, context) => converge(s, [], context),
  update: (s, prior, context) => converge(s, prior.spec.roles, context),
  delete: () => Promise.resolve(),
});

/** A role without its verifier. */
const toWanted = (r: Spec['roles'][number]): WantedRole => ({
  name: r.name,
  attributes: attributesOf(r.attributes, r.passwordVersion !== undefined),
  memberOf: r.memberOf,
  ...(r.validUntil !== undefined && { validUntil: r.validUntil }),
  ...(r.actsAs !== undefined && { actsAs: r.actsAs }),
});

async function wantedRoles(s: Spec, { clients, owner }: Context<Clients>): Promise<WantedRole[]> {
  return Promise.all(
    s.roles.map(async (r) => {
      if (r.passwordVersion === undefined) return toWanted(r);
      const verifier = await clients.secrets.get(verifierSecret(owner.entity.id, r.name));
      if (verifier === undefined)
        throw new DomainError(
          'server_error',
          `the password of user '${r.name}' is not stored any more; declare it again`,
        );
      return { ...toWanted(r), verifier };
    }),
  );
}

async function readRoles(session: PostgresSession): Promise<Map<string, RoleRow>> {
  const rows = await session.query<RoleRow>(
    `SELECT a.rolname, a.rolpassword, a.rolsuper, a.rolcreatedb, a.rolcreaterole, a.rolinherit, a.rolcanlogin, a.rolreplication, a.rolbypassrls, ${VALIDITY},
            ARRAY(SELECT g.rolname::pg_catalog.text FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_authid g ON g.oid OPERATOR(pg_catalog.=) m.roleid
                   WHERE m.member OPERATOR(pg_catalog.=) a.oid) AS member_of
       FROM pg_catalog.pg_authid a`,
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
    ...(hasValidity(wanted, found) ? [] : [`roles.${wanted.name}.valid_until`]),
    ...(doesActAs(wanted, found) ? [] : [`roles.${wanted.name}.acts_as`]),
  ];
}

async function converge(s: Spec, before: Spec['roles'], context: Context<Clients>): Promise<{ names: string[] }> {
  const names = s.roles.map((r) => r.name);
  const heir = s.roles.find((r) => r.owner)?.name ?? SYSTEM_SUPERUSER;
  const at: At = (database, work) => withPrimary(context.clients, s.scope, database, context.signal, work);
  await at('postgres', async (session) => {
    const found = await readRoles(session);
    const gone = before.map((r) => r.name).filter((name) => !names.includes(name) && found.has(name));
    const patience: Patience = { ...context, aside: (work) => at('postgres', work) };
    if (gone.length > 0) await withdrawAccess(session, gone, patience.aside);
    await takeAway(session, s, found, before, patience);
    const wanted = { ...s, wanted: await wantedRoles(s, context), closed: await isClosed(s, session) };
    await alterAll(session, wanted, await readRoles(session), patience);
    if (gone.length > 0) await removeRoles(session, gone, heir, { ...patience, at });
  });
  return { names };
}

type At = <T>(database: string, work: (session: PostgresSession) => Promise<T>) => Promise<T>;

const isClosed = async (s: Spec, session: PostgresSession): Promise<boolean> =>
  s.opensLater === true && (await session.query(OPEN, [s.databaseName])).length === 0;

/** Attributes and memberships that are no longer declared, before anything that can fail is made or granted. */
async function takeAway(
  session: PostgresSession,
  s: Spec,
  found: ReadonlyMap<string, RoleRow>,
  before: Spec['roles'],
  patience: Patience,
): Promise<void> {
  const wanted = s.roles.map(toWanted);
  const statements = wanted.flatMap((w) => takeFromRole(w, found.get(w.name), lostMemberships(w, before), session));
  if (statements.length === 0) return;
  await boundedTransaction(session, statements, 'take rights from the roles', patience);
  const locked = wanted.filter((w) => !w.attributes.rolcanlogin && found.get(w.name)?.rolcanlogin === true);
  if (locked.length > 0) await endSessions(session, locked.map((w) => w.name)); // prettier-ignore
}

interface Declared {
  readonly wanted: readonly WantedRole[];
  readonly closed: boolean;
}

/** Makes and changes all, then grants: in this order nothing depends on where a role stands in the spec. */
async function alterAll(
  session: PostgresSession,
  { wanted: declared, replicates, closed }: Pick<Spec, 'replicates'> & Declared,
  found: ReadonlyMap<string, RoleRow>,
  patience: Patience,
): Promise<void> {
  const wanted = closed ? declared.map(whileClosed) : declared;
  const later = closed ? declared.filter(({ attributes }) => attributes.rolcanlogin) : [];
  const builtIn = wanted.some((w) => w.memberOf.includes(BUILT_IN_ROLE)) && !found.has(BUILT_IN_ROLE);
  const own = (await readOwnRoles(session, replicates)).statements;
  if (own.length > 0) await inOneTransaction(session, own); // takes the settings of this session, a limit for locks included
  const statements = [
    ...(builtIn ? builtInRole() : []),
    ...wanted.flatMap((w) => alterRole(w, found.get(w.name), session)),
    ...wanted.flatMap((w) => grantRoles(w, found.get(w.name), session)),
    ...wanted.flatMap((w) => actAs(w, found.get(w.name), session)),
    ...later.map(({ name }) => logsInLater(name, session)),
  ];
  if (statements.length === 0) return;
  await boundedTransaction(session, statements, 'change the roles', patience);
}

/** Memberships that the spec named before and names no more; others were granted by somebody else and stay. */
function lostMemberships(wanted: WantedRole, before: Spec['roles']): string[] {
  const earlier = before.find((r) => r.name === wanted.name)?.memberOf ?? [];
  return earlier.filter((r) => !wanted.memberOf.includes(r));
}
